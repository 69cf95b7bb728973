/** Which seed lets Node start quickest: `seeds.ts [HOW_MANY]`. To be run again when Node is updated; scripts/build/start-flags.ts holds the choice. */
import { race } from './measure.ts';

/** Processor time comes in hundredths of a second: the seeds that look best race again, more often. */
const FIRST_ROUNDS = 3;
const FINALISTS = 12;
const FINAL_ROUNDS = 30;

const start = (seed: number) => ({
  name: `--random-seed=${seed}`,
  command: [process.execPath, `--random-seed=${seed}`, '-e', '0'],
});
const drawn = { name: 'a seed of its own at each start', command: [process.execPath, '-e', '0'] };

const seeds = Array.from({ length: Number(process.argv[2] ?? 256) }, (_, index) => index + 1);
const first = await race(seeds.map(start), FIRST_ROUNDS, process.env);
const best = seeds
  .map((seed, place) => ({ seed, wallMs: first[place]?.wallMs ?? Number.POSITIVE_INFINITY }))
  .sort((a, b) => a.wallMs - b.wallMs)
  .slice(0, FINALISTS);
const final = await race([drawn, ...best.map(({ seed }) => start(seed))], FINAL_ROUNDS, process.env);
for (const { name, wallMs } of final.sort((a, b) => a.wallMs - b.wallMs)) console.log(wallMs.toFixed(1), 'ms', name);
