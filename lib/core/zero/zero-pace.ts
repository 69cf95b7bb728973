/**
 * When reading a source again can tell more. Law: the pace is about cost alone; a reading is judged as of the moment it was
 * made, so that a point does not become final by waiting, only by being read again.
 */
import type { Cadence, Point } from './connection-series.ts';
import { windowMs, type ZeroRule } from './verdict.ts';

export interface PacedSeries {
  points: readonly Point[];
  cadence: Cadence;
  zeroSinceMs: number;
}

/** At least an hour, so that a long time at zero can be reported. */
const LEAST_LOOK_BACK_MS = 3_600_000;
/** Allowance for points at the end of the series that are late. */
const SPARE_PERIODS = 5;

/**
 * The moment from which on these series, read together at `readAtMs`, are worth reading again. A source of moments: at once.
 * One of periods: at the earliest moment at which the last of them can be at zero; and every second period for the progress
 * lines, but never before a further period has settled.
 */
export function nextReadMs(
  all: readonly PacedSeries[],
  rule: Pick<ZeroRule, 'stableForMs' | 'maxConnections'>,
  readAtMs: number,
): number {
  if (all.length === 0 || all.some(({ cadence }) => cadence.kind === 'instant')) return readAtMs;
  const settled = all.map((series) => nextSettledMs(series, readAtMs));
  const anew = all.map(({ cadence }, index) => (settled[index] ?? readAtMs) + cadence.periodMs);
  const decisive = all.map((series, index) => Math.max(settled[index] ?? readAtMs, soonestZeroMs(series, rule)));
  return Math.min(...anew, Math.max(...decisive));
}

/** How much of the past a reading has to hold. `cadence` undefined: the source has not been read yet. */
export function lookBackMs(cadence: Cadence | undefined, stableForMs: number): number {
  const least = LEAST_LOOK_BACK_MS + stableForMs;
  if (cadence === undefined) return least;
  return Math.max(least, windowMs(cadence, stableForMs) + cadence.settleMs + SPARE_PERIODS * cadence.periodMs);
}

/** The next moment after `readAtMs` at which one more period is final. */
function nextSettledMs({ points, cadence: { periodMs, settleMs } }: PacedSeries, readAtMs: number): number {
  const phaseMs = ((points.at(-1)?.atMs ?? 0) + settleMs) % periodMs;
  return Math.floor((readAtMs - phaseMs) / periodMs + 1) * periodMs + phaseMs;
}

/** When the stability window is full if every period after the last known connection turns out to be at zero. */
function soonestZeroMs(
  { points, cadence, zeroSinceMs }: PacedSeries,
  { stableForMs, maxConnections }: Pick<ZeroRule, 'stableForMs' | 'maxConnections'>,
): number {
  const { periodMs, settleMs } = cadence;
  const phaseMs = (points.at(-1)?.atMs ?? 0) % periodMs;
  const firstMs = Math.ceil((zeroSinceMs + periodMs - phaseMs) / periodMs) * periodMs + phaseMs;
  const busy = points.findLast(({ value }) => value !== null && value > maxConnections);
  const zeroFromMs = busy === undefined ? firstMs : Math.max(firstMs, busy.atMs + periodMs);
  return zeroFromMs + windowMs(cadence, stableForMs) - periodMs + settleMs;
}
