/** The moments of zero that a write of weights keeps, and those that it has to remove. */

import { portKeys } from '../facts/backends.ts';
import type { Facts, ServiceWeights } from '../facts/facts.ts';
import { bookkeptSets, ownAnnotations, type ServiceFacts } from '../facts/service-facts.ts';
import { intersection } from '../target/ordinals.ts';
import { podsAt } from '../target/pod.ts';
import { readZeroSeen } from '../zero/zero-seen.ts';
import type { Zeros } from './drain-set.ts';

/**
 * Moments of other StatefulSets that another writer's write has voided: our own write takes the field from that writer, and
 * they would hold again.
 */
export const voidedMoments = (service: ServiceFacts, statefulSet: string): Record<string, null> =>
  Object.fromEntries(
    bookkeptSets(service)
      .filter((name) => name !== statefulSet)
      .map((name) => ownAnnotations(name).zeroSeen)
      .filter((key) => readZeroSeen(service, service.annotations[key]).size === 0)
      .map((key) => [key, null]),
  );

/** The moments of pods that were at 0 on every port before this write, and still are. For a pod that was not, the moment is unknown. */
export function keptMoments(
  { service, drained }: ServiceWeights,
  { set, pods }: Facts,
  zeros: Zeros,
): ReadonlyMap<string, number> {
  const stay = portKeys(service).reduce((all, key) => intersection(all, zeros(key)), drained.all);
  const uids = new Set(podsAt(pods, stay).map((pod) => pod.uid));
  const seen = readZeroSeen(service, service.annotations[ownAnnotations(set.name).zeroSeen]);
  return new Map([...seen].filter(([uid]) => uids.has(uid)));
}
