/**
 * The meaning of zero: a pure verdict over the points of one series.
 * Law: no sequence with a gap, a stale newest point, a missing, negative or non-finite value, or a busy point inside the
 * window is ever zero. A missing value is unknown; no pod is deleted while a value is unknown.
 */
import type { Cadence, Point } from './connection-series.ts';
import { type CarriedRun, isNumber, notJoinedBecause, overMs, zeroRun } from './zero-run.ts';

/** Fewer points than this never fill a stability window, however short it was asked to be. */
export const MIN_POINTS = 3;
/** Why a run of zeros is unknown still: nothing is wrong, it only has to go on. */
export const UNFILLED = 'the stability window is not filled yet';
/** How many periods late the newest final point may be before the series counts as stale. */
const STALE_PERIODS = 3;

export interface ZeroRule {
  /** When weight 0 was seen on the load balancer for every binding of the pod; points before it prove nothing. */
  zeroSinceMs: number;
  nowMs: number;
  stableForMs: number;
  maxConnections: number;
  /** The readings of an earlier command right before the first of the points: it lengthens the window, and replaces no reading. */
  carried?: CarriedRun | undefined;
}

export type Verdict =
  | { verdict: 'zero'; value: number; filledMs: number; neededMs: number }
  | { verdict: 'busy'; value: number; filledMs: number; neededMs: number }
  | { verdict: 'unknown'; because: string; filledMs: number; neededMs: number };

/** Judges one series. Points must be in ascending order of time; a repeated or unordered time is a fault of the source and unknown. */
export function judge(points: readonly Point[], cadence: Cadence, rule: ZeroRule): Verdict {
  const neededMs = windowMs(cadence, rule.stableForMs);
  const unknown = (because: string, filledMs = 0): Verdict => ({ verdict: 'unknown', because, filledMs, neededMs });
  // A period that began before the weight was seen at 0 may hold connections of both worlds.
  const fromMs = rule.zeroSinceMs + (cadence.kind === 'interval' ? cadence.periodMs : 0);
  // A value that is absent may still come late; once its time to settle is over, it is missing.
  const isLate = (point: Point) => point.value === null && point.atMs > rule.nowMs - cadence.settleMs;
  const since = points.filter((point) => point.atMs >= fromMs && !isLate(point));
  if (since.some((point, index) => index > 0 && point.atMs <= (since[index - 1]?.atMs ?? 0)))
    return unknown('points out of order');
  if (since.some((point) => point.atMs > rule.nowMs + cadence.periodMs))
    return unknown('a point from the future: clocks differ');
  const newest = since.at(-1);
  if (newest === undefined) return unknown('no point since the weight was seen at 0');
  if (isNumber(newest.value) && newest.value > rule.maxConnections)
    return { verdict: 'busy', value: newest.value, filledMs: 0, neededMs };

  const run = zeroRun(since, cadence, rule.maxConnections);
  const final = run.zeros.filter((point) => point.atMs <= rule.nowMs - cadence.settleMs);
  const last = final.at(-1);
  if (last === undefined) {
    if (run.busy !== undefined) return { verdict: 'busy', value: run.busy, filledMs: 0, neededMs };
    return unknown(run.broken ?? 'no final point yet');
  }
  if (last.atMs < rule.nowMs - cadence.settleMs - STALE_PERIODS * cadence.periodMs)
    return unknown('the newest point is stale', 0);
  const carried = run.whole ? joinedRun(rule, cadence, final[0]) : undefined;
  const filledMs = spanMs(final, cadence, carried);
  const value = Math.max(...final.map((point) => point.value ?? 0));
  // A proof rests on MIN_POINTS readings: they count as all but the one that this command has to make itself.
  const readings = final.length + (carried === undefined ? 0 : MIN_POINTS - 1);
  if (readings >= MIN_POINTS && filledMs >= neededMs) return { verdict: 'zero', value, filledMs, neededMs };
  if (run.busy !== undefined) return { verdict: 'busy', value: run.busy, filledMs, neededMs };
  return unknown(run.broken ?? UNFILLED, filledMs);
}

/** The carried run, where it and the first reading of this command are one run. */
function joinedRun(
  { carried, zeroSinceMs }: ZeroRule,
  cadence: Cadence,
  first: Point | undefined,
): CarriedRun | undefined {
  if (carried === undefined || first === undefined) return undefined;
  return notJoinedBecause(carried, first.atMs, { cadence, zeroSinceMs }) === undefined ? carried : undefined;
}

/** How long the points at zero prove it: whole periods; of moments from the end of the first reading to the beginning of the last. */
function spanMs(points: readonly Point[], cadence: Cadence, carried: CarriedRun | undefined): number {
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined) return 0;
  if (cadence.kind === 'interval') return last.atMs - first.atMs + cadence.periodMs;
  return Math.max(0, last.atMs - (carried?.fromMs ?? overMs(first)));
}

/** How long a series must be at zero: the stability window in whole periods, and never fewer than MIN_POINTS of them. */
export function windowMs(cadence: Cadence, stableForMs: number): number {
  if (cadence.kind === 'instant') return stableForMs;
  return Math.max(MIN_POINTS, Math.ceil(stableForMs / cadence.periodMs)) * cadence.periodMs;
}

/** All sources and backends together: zero only when there is at least one verdict and every one is zero; busy outweighs unknown. */
export function overall(verdicts: readonly Verdict[]): 'zero' | 'busy' | 'unknown' {
  if (verdicts.some((each) => each.verdict === 'busy')) return 'busy';
  return verdicts.length > 0 && verdicts.every((each) => each.verdict === 'zero') ? 'zero' : 'unknown';
}
