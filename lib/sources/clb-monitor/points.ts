/** From what Cloud Monitor sent to an unbroken row of points: what is absent becomes visible as a point without a value. */
import type { Point } from '../../ports.ts';

export interface Frame {
  periodMs: number;
  sinceMs: number;
  /** Up to here every period should have its point by now. */
  settledUntilMs: number;
}

/**
 * Every reading at or after `sinceMs`, and a null point for each settled period without one, in ascending order.
 * Several metrics of one backend make one value: unknown if any is unknown, else the largest, rounded up.
 */
export function framePoints(
  metrics: readonly (ReadonlyMap<number, number | null> | undefined)[],
  frame: Frame,
): Point[] {
  const { periodMs, sinceMs, settledUntilMs } = frame;
  const slotOf = (atMs: number) => Math.floor(atMs / periodMs);
  const bySlot = new Map<number, Point>();
  const add = (point: Point) => {
    const slot = slotOf(point.atMs);
    const before = bySlot.get(slot);
    bySlot.set(slot, before === undefined ? point : { atMs: before.atMs, value: worst([before.value, point.value]) });
  };
  const times = new Set(metrics.flatMap((readings) => [...(readings?.keys() ?? [])]));
  for (const seconds of times) {
    if (seconds * 1000 < sinceMs) continue;
    const value = worst(metrics.map((readings) => readings?.get(seconds) ?? null));
    add({ atMs: seconds * 1000, value });
  }
  for (let slot = Math.ceil(sinceMs / periodMs); slot * periodMs <= settledUntilMs; slot += 1) {
    if (!bySlot.has(slot)) bySlot.set(slot, { atMs: slot * periodMs, value: null });
  }
  return [...bySlot.values()].sort((a, b) => a.atMs - b.atMs);
}

function worst(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length < values.length ? null : Math.ceil(Math.max(...known));
}
