/** Whole processes, measured from outside: commands take turns in random order, so that whatever else the machine does hits all of them alike. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { text } from 'node:stream/consumers';

export interface Contestant {
  name: string;
  command: readonly string[];
  /** Commands that run before and after each of its runs, not measured. */
  before?: readonly (readonly string[])[];
  after?: readonly (readonly string[])[];
  /** Runs of its own where it takes long: no more than so many. */
  rounds?: number;
  /** Those that are no failure; 0 alone by default. */
  exitCodes?: readonly number[];
}

export interface Figures {
  name: string;
  runs: number;
  /** Medians. */
  wallMs: number;
  cpuMs?: number;
  /** Peak resident memory. */
  peakMB?: number;
}

/** GNU time tells CPU time and peak memory of a child; without it only the wall clock is read. */
const TIME = '/usr/bin/time';
const hasTime = existsSync(TIME);

interface Run {
  wallMs: number;
  cpuMs: number;
  peakMB: number;
}

/** Medians of `rounds` runs each, after one that does not count where rounds are many. Throws when a command ends with another exit code than it should. */
export async function race(
  contestants: readonly Contestant[],
  rounds: number,
  env: NodeJS.ProcessEnv,
): Promise<Figures[]> {
  const runs = contestants.map((): Run[] => []);
  for (let round = rounds > 3 ? 0 : 1; round <= rounds; round++) {
    for (const place of shuffled(contestants.length)) {
      const contestant = contestants[place]!;
      if (round > (contestant.rounds ?? rounds)) continue;
      for (const command of contestant.before ?? []) await once(command, env);
      const run = await once(contestant.command, env, contestant.exitCodes);
      for (const command of contestant.after ?? []) await once(command, env);
      if (round > 0) runs[place]?.push(run);
    }
  }
  return contestants.map(({ name }, place) => {
    const own = runs[place] ?? [];
    const medians = { name, runs: own.length, wallMs: median(own.map((run) => run.wallMs)) };
    if (!hasTime) return medians;
    return { ...medians, cpuMs: median(own.map((run) => run.cpuMs)), peakMB: median(own.map((run) => run.peakMB)) };
  });
}

async function once(
  command: readonly string[],
  env: NodeJS.ProcessEnv,
  exitCodes: readonly (number | null)[] = [0],
): Promise<Run> {
  const [file = '', ...args] = hasTime ? [TIME, '-f', '@%U %S %M', ...command] : command;
  const began = process.hrtime.bigint();
  const child = spawn(file, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const [code, , stderr] = await Promise.all([
    new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve)),
    text(child.stdout),
    text(child.stderr),
  ]);
  const wallMs = Number(process.hrtime.bigint() - began) / 1e6;
  if (!exitCodes.includes(code)) throw new Error(`${command.join(' ')} ended with ${code}: ${stderr}`);
  // GNU time says it in a line of its own when a command ends with another code.
  const [, user = '0', system = '0', peak = '0'] = /@(\S+) (\S+) (\d+)\s*$/.exec(stderr) ?? [];
  return { wallMs, cpuMs: (Number(user) + Number(system)) * 1000, peakMB: Number(peak) / 1024 };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

const shuffled = (length: number): number[] =>
  Array.from({ length }, (_, place) => ({ place, at: Math.random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ place }) => place);
