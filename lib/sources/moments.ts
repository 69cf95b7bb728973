import type { Cadence } from '../ports.ts';

/** Calls under way at the same time: an API server carries each as an open stream to a node. */
export const MOST_AT_ONCE = 10;

/** One look takes a round of API calls too; a distance of two and a half of these is a gap. */
const PERIOD_MS = 3000;
/** The time that one call to a pod may take on a cluster that is slow, but well. */
const CALL_MS = 1000;

/** The pace at which so many pods can be looked into, one call each: no look is a gap only because there are many of them. */
export function cadenceOfMoments(pods: number): Cadence<'instant'> {
  const rounds = Math.ceil(pods / MOST_AT_ONCE);
  return { kind: 'instant', periodMs: Math.max(PERIOD_MS, rounds * CALL_MS), settleMs: 0 };
}
