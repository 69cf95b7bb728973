/** Runs the histories of the seeds that it is sent, one after the other, and shrinks those that fail. */
import fc from 'fast-check';
import { history as histories } from '../faults/draw.ts';
import type { History } from '../history.ts';
import type { Shipped } from './role.ts';
import { type Report, runHistory } from './run-history.ts';

export interface Told {
  seed: number;
  report: Report;
  cpuMs: number;
  /** Of a history that fails. */
  shrunk?: { history: History; report: Report };
}

const historyOf = (seed: number): History => fc.sample(histories, { seed, numRuns: 1 })[0] as History;

/** The history of one seed; `shrinks`: how many runs a smaller one may cost if it fails. */
export async function runSeed(seed: number, shipped: Shipped, shrinks: number): Promise<Told> {
  const began = process.cpuUsage();
  const report = await runHistory(historyOf(seed), shipped);
  const told = { seed, report, cpuMs: Math.round(process.cpuUsage(began).user / 1000) };
  const [first] = report.violations;
  if (first === undefined || shrinks === 0) return told;
  let shrunk = { history: historyOf(seed), report };
  let runs = 0;
  // The smaller history must fail in the same way.
  const fails = async (history: History): Promise<void> => {
    runs += 1;
    if (runs > shrinks) return;
    const again = await runHistory(history, shipped);
    if (!again.violations.some(({ invariant }) => invariant === first.invariant)) return;
    shrunk = { history, report: again };
    throw new Error(first.what);
  };
  await fc.check(fc.asyncProperty(histories, fails), { seed, numRuns: 1, endOnFailure: false });
  return { ...told, shrunk };
}
