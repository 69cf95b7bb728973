/** The one way in which a flow waits: looks at the world again and again, shows what it waits for, and gives up at a deadline. */

import type { World } from '../../ports.ts';

/** A wait that is over sooner shows nothing. */
const SILENT_MS = 2_000;

/**
 * One look: the awaited value; or the progress line that shows what is missing (`waiting: nginx-0 is terminating`), and the
 * error if this was the last look, usually a NotYetError.
 */
export type WaitLook<T> = { done: T } | { waiting: string; timeOut: () => Error };

export interface Wait<T> {
  /** By the world's clock; Infinity: never gives up. */
  deadlineMs: number;
  /** The time between two looks, asked again after each look. The last look is at the deadline. */
  paceMs: number | (() => number);
  /** An error that it throws ends the wait. */
  look: () => Promise<WaitLook<T>>;
  /** The look itself shows where the wait stands, as a live table for example: no progress line is shown. */
  showsItself?: boolean;
}

/**
 * Resolves with the value of the first look that has one. Throws the `timeOut` of the look at the deadline,
 * what `look` throws, and the signal's reason on abort. A wait that lasts two seconds shows a progress line, and again whenever
 * the line changes.
 */
export async function waitUntil<T>(world: World, wait: Wait<T>): Promise<T> {
  const { clock, report, signal } = world;
  const beganMs = clock.now();
  let shown: string | undefined;
  for (;;) {
    signal.throwIfAborted();
    const look = await wait.look();
    if ('done' in look) return look.done;
    const nowMs = clock.now();
    if (nowMs >= wait.deadlineMs) throw look.timeOut();
    const sleepMs = untilNext(wait.paceMs, wait.deadlineMs - nowMs);
    // Before a long sleep, not after it.
    const isLong = nowMs + sleepMs - beganMs > SILENT_MS;
    if (isLong && wait.showsItself !== true && look.waiting !== shown) {
      shown = look.waiting;
      report.progress(shown);
    }
    await clock.sleep(sleepMs, signal);
  }
}

/** Looks `forMs` long, again and again; the last look is at the end. An error that a look throws ends it. */
export async function keepLooking(
  world: World,
  { forMs, paceMs, look }: { forMs: number; paceMs: number; look: () => Promise<void> },
): Promise<void> {
  const endsMs = world.clock.now() + forMs;
  for (let restMs = forMs; restMs > 0; restMs = endsMs - world.clock.now()) {
    await world.clock.sleep(untilNext(paceMs, restMs), world.signal);
    await look();
  }
}

const untilNext = (paceMs: Wait<unknown>['paceMs'], restMs: number): number =>
  Math.max(1, Math.min(typeof paceMs === 'number' ? paceMs : paceMs(), restMs));
