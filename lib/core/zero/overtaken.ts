/** A wait for zero whose target is no longer what it was begun on. */

import type { Facts } from '../facts/facts.ts';
import { intersection, union, without } from '../target/ordinals.ts';
import { ordinalsOf } from '../target/stateful-set-facts.ts';

/**
 * Whether nothing is deleted for a wait for these ordinals any more, whatever it finds: another StatefulSet, template or strategy, a
 * Service that is gone, an ordinal that was scaled away. Pure.
 */
export function isOvertaken(before: Facts, now: Facts, ordinals: readonly number[]): boolean {
  const services = new Set(now.services.map(({ service }) => service.name));
  return (
    now.set.uid !== before.set.uid ||
    now.set.updateRevision !== before.set.updateRevision ||
    now.set.updateStrategy !== before.set.updateStrategy ||
    before.services.some(({ service }) => !services.has(service.name)) ||
    without(ordinals, ordinalsOf(now.set)).length > 0
  );
}

/** Of these ordinals those that the StatefulSet still has, or that still have a pod: one that was scaled away ends with its connections. Pure. */
export const notScaledAway = ({ set, pods }: Pick<Facts, 'set' | 'pods'>, ordinals: readonly number[]): number[] =>
  intersection(
    ordinals,
    union(
      ordinalsOf(set),
      pods.map(({ ordinal }) => ordinal),
    ),
  );
