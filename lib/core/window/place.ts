/** Where one pod of the target stands on its road through the window. */
import type { Facts } from '../facts/facts.ts';

export const PLACES = [
  'serving',
  'failing',
  'draining',
  'at-zero',
  'starting',
  'ready',
  'returning',
  'soaking',
  'sick',
  'done',
] as const;

/**
 * - `serving`: outdated, and under traffic; its turn has not come.
 * - `failing`: outdated, not drained, and not serving: it takes a place without anybody's doing.
 * - `draining`: outdated, weight 0 asked for; connections, or a load balancer that has not followed, keep it from being at zero.
 * - `at-zero`: outdated, and proved to be at zero at this look.
 * - `starting`: deleted, or its replacement is not healthy at the load balancer yet.
 * - `ready`: updated and healthy, at weight 0.
 * - `returning`: updated, and its weight is asked for; the load balancer does not show it yet.
 * - `soaking`: updated and serving without a fault, for less than the soak.
 * - `sick`: updated, and it does not get well by waiting alone: it does not start, restarts, runs another image than the template,
 *   or has served and is no longer well.
 * - `done`: updated and serving, and its soak is over.
 */
export type Place = (typeof PLACES)[number];

/** One pod at one look. */
export interface SeenPod {
  ordinal: number;
  place: Place;
  /** For people, behind the place: `2 connections`, `zero for 20 s of 30 s`. */
  note?: string;
  /** Milliseconds since this pod was drained; 0 where it is not, or where no one knows. */
  drainedForMs?: number;
  /** For how long this run has seen it in this place, in milliseconds. */
  forMs?: number;
  /** A source counts more connections now than the verdict of zero allows. */
  busy?: boolean;
  /** Connections that are counted now; undefined: nothing counts them yet. */
  connections?: number;
  /** How much of its stability window the slowest source has filled. */
  zeroFor?: { filledMs: number; neededMs: number };
  /** At 0 on some Service or port and not on every one: it comes to zero only once it is drained there too. */
  uneven?: boolean;
  /** How much of its soak is over. */
  soak?: { servedMs: number; neededMs: number };
  /** kubectl's STATUS, where the pod is not ready. */
  state?: string;
  /** Not ready, whatever its place: with OrderedReady the controller makes no pod above it. */
  down?: boolean;
  /** Done, and yet out of service: somebody else has drained it, and it stays at 0. */
  keptAtZero?: boolean;
}

/**
 * A pod takes a place in the window from the write that drains it to the end of its soak, and also while it fails of its own, or is
 * kept at 0 by somebody else.
 */
export const isOut = ({ place, keptAtZero = false }: Pick<SeenPod, 'place' | 'keptAtZero'>): boolean =>
  keptAtZero || (place !== 'serving' && place !== 'done');

/** Of the pods that were in service at a look, those that are not by these later facts: drained, missing or not ready. Pure. */
export function outSince(seen: readonly SeenPod[], { pods, drainSet }: Pick<Facts, 'pods' | 'drainSet'>): number[] {
  const drained = new Set(drainSet);
  const ready = new Set(pods.filter((pod) => pod.ready && !pod.terminating).map(({ ordinal }) => ordinal));
  return seen
    .filter((pod) => !isOut(pod))
    .map(({ ordinal }) => ordinal)
    .filter((ordinal) => drained.has(ordinal) || !ready.has(ordinal));
}

/**
 * With OrderedReady none above it is deleted: it would not come back before this one does. A drained pod that is not ready is
 * as much in the way as one that fails.
 */
export const holdsUpHigher = ({ place, down = false }: SeenPod): boolean =>
  place === 'starting' || place === 'sick' || place === 'failing' || down;

/** A health check that failed a moment ago may hold again: an outdated pod is taken for one that fails after this long, in milliseconds. */
export const FAILING_MS = 60_000;

/** An outdated pod that has not served for so long that it may be replaced ahead of its turn. One look alone cannot tell. */
export const failsForLong = ({ place, forMs = FAILING_MS }: SeenPod): boolean =>
  place === 'failing' && forMs >= FAILING_MS;
