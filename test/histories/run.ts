/**
 * `make histories [SEEDS=N] [SEED=n]`: N histories from seed 1 on, or the one of a seed, shown in full. Ends with 1 when an
 * invariant is broken, or when the campaign has not covered what it should; with 130 when it is interrupted, after the
 * same report.
 */
import { bundleHistories } from './campaign/bundle.ts';
import { runCampaign } from './campaign/crew.ts';
import { failureLines, Tally } from './campaign/tally.ts';
import { MUTANTS } from './mutants/plants.ts';

const SHOWN_FAILURES = Number(process.env['FAILURES'] || 5);

const count = Number(process.env['SEEDS'] || 2_000);
/** Part of the name of a planted fault: to see how one shows. */
const plant = process.env['PLANT'] ?? '';
const one = Number(process.env['SEED'] || Number.NaN);
const first = Number(process.env['FROM'] || 1);
const seeds = Number.isNaN(one) ? Array.from({ length: count }, (_, index) => first + index) : [one];

const beganMs = Date.now();
const tally = new Tally();
const planted = MUTANTS.filter(({ name }) => plant !== '' && name.includes(plant));
if (plant !== '' && planted.length === 0)
  throw new Error(
    `no planted fault is named ${plant}; accepted: a part of ${MUTANTS.map(({ name }) => name).join('; ')}`,
  );
const bundle = await bundleHistories(
  plant === '' ? 'plain' : 'planted',
  planted.flatMap(({ plants }) => plants),
);
let shownMs = 0;
let isStopped = false;
const stop = (): void => {
  isStopped = true;
  console.error('\nstopping: the histories that run now come to their end');
};
process.once('SIGINT', stop);
process.once('SIGTERM', stop);
await runCampaign({
  bundle,
  seeds,
  shrinks: Number(process.env['SHRINKS'] || 40),
  onTold(told) {
    tally.add(told);
    if (told.report.violations.length > 0) for (const line of failureLines(told)) console.log(line);
    if (!Number.isNaN(one)) for (const line of told.report.timeline) console.log(line);
    // A log keeps every line.
    if (Date.now() - shownMs > (process.stderr.isTTY ? 2_000 : 20_000)) {
      shownMs = Date.now();
      const line = `${tally.histories} of ${seeds.length} histories, ${tally.failed.length} failed`;
      process.stderr.write(process.stderr.isTTY ? `\r${line} ` : `${line}\n`);
    }
    return isStopped || tally.failed.length >= SHOWN_FAILURES;
  },
});
if (process.stderr.isTTY) process.stderr.write('\r');
if (Number.isNaN(one)) for (const line of tally.lines((Date.now() - beganMs) / 1000)) console.log(line);
const gaps = tally.gaps();
for (const gap of gaps) console.log(`not covered: ${gap}`);
console.log(`${tally.failed.length} violations`);
process.exitCode = tally.failed.length + gaps.length > 0 ? 1 : isStopped ? 130 : 0;
