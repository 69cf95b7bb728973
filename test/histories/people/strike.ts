/** The shape of what a fault does, and what all of them need. */
import { PODS } from '../../../lib/ports/resources.ts';
import type { Court } from '../invariants/witness.ts';
import { TARGET } from '../world/stage.ts';
import type { Cast } from './cast.ts';

/** `size`: how hard, 0 up to 1. */
export type Strike = (court: Court, cast: Cast, size: number) => void;

export const MINUTE = 60_000;
/** Of the verbs that write to the target. */
export const LEASE = `kubectl-zeroloss-${TARGET}`;

/** A pod that is there; which one, by `size`. */
export function podName({ stage }: Court, size: number): string {
  const names = stage.api.list(PODS).map(({ metadata }) => metadata.name);
  return names[Math.floor(size * names.length)] ?? `${TARGET}-0`;
}
