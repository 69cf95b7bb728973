/** The quiet end of a series: readings without a gap and without a connection, and what an earlier command has read before them. */
import type { Cadence, Point } from './connection-series.ts';

/** A quiet run of a source of moments that an earlier command has read, by the clock of this machine. */
export interface CarriedRun {
  fromMs: number;
  lastMs: number;
  /** The largest distance between two of its readings. */
  widestMs: number;
}

export const isNumber = (value: number | null): value is number =>
  value !== null && Number.isFinite(value) && value >= 0;

/** The largest distance between neighbours that is still no gap. */
export const gapMs = (cadence: Cadence): number =>
  cadence.kind === 'interval' ? cadence.periodMs : cadence.periodMs * 2.5;

/** The unbroken run of quiet points that ends with the newest point, and what broke it further back; `whole`: nothing did. */
export function quietRun(
  points: readonly Point[],
  cadence: Cadence,
  maxConnections: number,
): { quiet: Point[]; whole: boolean; broken?: string; busy?: number } {
  const quiet: Point[] = [];
  const broken = { quiet, whole: false };
  for (const point of points.toReversed()) {
    const after = quiet[0];
    if (after !== undefined && after.atMs - point.atMs > gapMs(cadence))
      return { ...broken, broken: 'points are missing in between' };
    if (!isNumber(point.value)) return { ...broken, broken: 'a point has no value' };
    if (point.value > maxConnections) return { ...broken, busy: point.value };
    quiet.unshift(point);
  }
  return { quiet, whole: true };
}

/** The run that ends with the newest of these points, for the next command; undefined: it is empty. */
export function runToCarry(
  points: readonly Point[],
  cadence: Cadence,
  { maxConnections, zeroSinceMs }: { maxConnections: number; zeroSinceMs: number },
): CarriedRun | undefined {
  const since = points.filter(({ atMs }) => atMs >= zeroSinceMs);
  const { quiet } = quietRun(since, cadence, maxConnections);
  const [first, last] = [quiet[0], quiet.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  const distances = quiet.slice(1).map(({ atMs }, index) => atMs - (quiet[index]?.atMs ?? atMs));
  return { fromMs: first.atMs, lastMs: last.atMs, widestMs: Math.max(0, ...distances) };
}

/**
 * Why the carried run and this command's first reading are not one run, or undefined where they are: by the rule that two
 * readings of one command are judged by.
 */
export function notJoinedBecause(
  { fromMs, lastMs, widestMs }: CarriedRun,
  firstMs: number,
  { cadence, zeroSinceMs }: { cadence: Cadence; zeroSinceMs: number },
): string | undefined {
  if (cadence.kind !== 'instant') return 'the source has a memory of its own';
  if (!(fromMs <= lastMs && lastMs <= firstMs)) return 'its times do not fit the clock of this machine';
  if (fromMs < zeroSinceMs) return 'the weight has been seen at 0 only since its first reading';
  const widest = gapMs(cadence);
  if (widestMs > widest) return 'it was counted at a slower pace';
  if (firstMs - lastMs > widest)
    return `its last reading is ${seconds(firstMs - lastMs)} old, and more than ${seconds(widest)} is a gap`;
  return undefined;
}

/** Half a second matters where a gap begins. */
const seconds = (ms: number): string => `${Math.ceil(ms / 100) / 10}s`;
