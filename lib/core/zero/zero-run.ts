/** The end of a series at zero: readings without a gap and without a connection, and what an earlier command has read before them. */
import type { Cadence, Point } from './connection-series.ts';

/** A run of zeros of a source of moments that an earlier command has read, by the clock of this machine. */
export interface CarriedRun {
  /** The end of its first reading. */
  fromMs: number;
  /** The beginning of its last reading. */
  lastMs: number;
  /** The largest distance between the beginnings of two of its readings: a reading that takes long is no gap. */
  widestMs: number;
}

/** From when on a point proves its number: the end of its reading, which saw it at some moment. */
export const overMs = ({ atMs, untilMs = atMs }: Point): number => untilMs;

export const isNumber = (value: number | null): value is number =>
  value !== null && Number.isFinite(value) && value >= 0;

/** The largest distance between neighbours that is still no gap. */
export const gapMs = (cadence: Cadence): number =>
  cadence.kind === 'interval' ? cadence.periodMs : cadence.periodMs * 2.5;

/** The unbroken run of points at zero that ends with the newest point, and what broke it further back; `whole`: nothing did. */
export function zeroRun(
  points: readonly Point[],
  cadence: Cadence,
  maxConnections: number,
): { zeros: Point[]; whole: boolean; broken?: string; busy?: number } {
  const from = runStart(points, cadence, maxConnections);
  const zeros = points.slice(from);
  const breaking = points[from - 1];
  if (breaking === undefined) return { zeros, whole: true };
  const broken = { zeros, whole: false };
  if (isApart(breaking, zeros[0], cadence)) return { ...broken, broken: 'points are missing in between' };
  if (!isNumber(breaking.value)) return { ...broken, broken: 'a point has no value' };
  return { ...broken, busy: breaking.value };
}

/** Where the run begins: the index of its oldest point, or the number of points where the newest one is not at zero. */
function runStart(points: readonly Point[], cadence: Cadence, maxConnections: number): number {
  for (let index = points.length - 1; index >= 0; index--) {
    const point = points[index];
    if (point === undefined || isApart(point, points[index + 1], cadence)) return index + 1;
    if (!isNumber(point.value) || point.value > maxConnections) return index + 1;
  }
  return 0;
}

const isApart = (point: Point, after: Point | undefined, cadence: Cadence): boolean =>
  after !== undefined && after.atMs - point.atMs > gapMs(cadence);

/**
 * The points that a verdict, a proof or a trend can still rest on: the run at zero, what broke it, and everything from `trendMs`
 * before the newest count on, with the point before. A wait of hours judges as few as one of minutes.
 */
export function lastingPoints(
  points: readonly Point[],
  cadence: Cadence,
  { maxConnections, trendMs }: { maxConnections: number; trendMs: number },
): readonly Point[] {
  const counted = points.findLastIndex(({ value }) => value !== null);
  const sinceMs = (points[counted]?.atMs ?? Number.NEGATIVE_INFINITY) - trendMs;
  const before = points.findLastIndex(({ atMs, value }) => atMs <= sinceMs && value !== null);
  const from = Math.min(runStart(points, cadence, maxConnections) - 1, before, counted);
  return from <= 0 ? points : points.slice(from);
}

/** The run that ends with the newest of these points, for the next command; undefined: it spans no time. */
export function runToCarry(
  points: readonly Point[],
  cadence: Cadence,
  { maxConnections, zeroSinceMs }: { maxConnections: number; zeroSinceMs: number },
): CarriedRun | undefined {
  const since = points.filter(({ atMs }) => atMs >= zeroSinceMs);
  const { zeros } = zeroRun(since, cadence, maxConnections);
  const [first, last] = [zeros[0], zeros.at(-1)];
  if (first === undefined || last === undefined || overMs(first) > last.atMs) return undefined;
  const distances = zeros.slice(1).map(({ atMs }, index) => atMs - (zeros[index]?.atMs ?? atMs));
  return { fromMs: overMs(first), lastMs: last.atMs, widestMs: Math.max(0, ...distances) };
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
