/**
 * When pods are at zero, in one place. All of this must hold:
 *
 * 1. Nothing stands in the way: each pod exists, and every binding of it, on any load balancer, wants and shows weight 0.
 * 2. Every backend of the pods is counted by at least one source, and every source could be asked.
 * 3. Each source has read zero for each backend that it counts, for the whole stability window (`judge`).
 *
 * Pods that no load balancer ever had (`isNeverBound`) have a backend only where clients reach them before they are ready: without
 * one the first is enough.
 * Law: what is missing makes the answer unknown, never zero.
 */

import { overall, type Verdict } from './verdict.ts';

export interface ZeroQuestion {
  /** Obstacles: a weight, a missing pod (`blockers`), a binding elsewhere that still sends. */
  blocked: readonly unknown[];
  /** Keys of every backend of the pods, wherever it is bound. */
  backends: readonly string[];
  /** The verdict of each source about each backend that it counts. */
  verdicts: readonly { backend: string; judged: Verdict }[];
  /** Sources that could not be asked yet. */
  open: readonly unknown[];
  /** Whether no load balancer ever had any of the pods. */
  neverBound: boolean;
}

/** Busy where a connection is known; unknown where anything is missing, or in the way. */
export function atZero({ blocked, backends, verdicts, open, neverBound }: ZeroQuestion): Verdict['verdict'] {
  if (blocked.length > 0) return 'unknown';
  if (backends.length === 0) return neverBound ? 'zero' : 'unknown';
  const asked = verdicts.filter(({ backend }) => backends.includes(backend));
  const counted = new Set(asked.map(({ backend }) => backend));
  if (!backends.every((backend) => counted.has(backend))) return 'unknown';
  const together = overall(asked.map(({ judged }) => judged));
  return together === 'zero' && open.length > 0 ? 'unknown' : together;
}
