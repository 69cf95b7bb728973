/**
 * The pace at which a source of moments counts. Law: on a cluster where a look takes long, that alone makes no gap between
 * looks; what is missing for any other reason still does.
 */
import { formatDuration } from '../core/values/duration.ts';
import type { Cadence, Clock } from '../ports.ts';
import { cadenceOfMoments } from './moments.ts';

/** No slower: a stability window's readings are then still no further apart than 75 s. */
const SLOWEST_MS = 30_000;
/** A look that takes longer than so many periods is a gap, with the API calls and the pause that lie between two of them. */
const PERIODS_PER_LOOK = 2;

export interface Pace {
  /** At the beginning of a wait: how slow the cluster was before does not matter any more. */
  reset(): void;
  /** The cadence of a look at so many pods that began at `beganMs` and is just over. */
  after(pods: number, beganMs: number): Cadence<'instant'>;
}

/** It slows down when it has to, and stays so until the next wait: readings at another pace are another series. `tell` is called each time. */
export function createPace(source: string, clock: Clock, tell: (line: string) => void): Pace {
  let leastMs = 0;
  return {
    reset: () => {
      leastMs = 0;
    },
    after(pods, beganMs) {
      const usual = cadenceOfMoments(pods);
      const periodMs = Math.max(usual.periodMs, leastMs);
      const lookMs = clock.now() - beganMs;
      if (lookMs <= PERIODS_PER_LOOK * periodMs || periodMs >= SLOWEST_MS) return { ...usual, periodMs };
      const wholeMs = Math.ceil(lookMs / 1000) * 1000;
      leastMs = Math.min(SLOWEST_MS, wholeMs);
      tell(
        `source ${source}: a look takes ${formatDuration(wholeMs)}, so it counts every ${formatDuration(leastMs)}, not every ${formatDuration(periodMs)}`,
      );
      return { ...usual, periodMs: leastMs };
    },
  };
}
