/** The command that goes on from where a StatefulSet stands; empty where nothing is going on. */

import type { Facts } from '../facts/facts.ts';
import { intersection, without } from '../target/ordinals.ts';
import { isOutdated } from '../target/pod.ts';
import { formerReplicas, surplusOrdinals } from '../target/surplus.ts';

/** Without the leading `kubectl zeroloss`; one at most. */
export function nextCommands({ set, pods, drainSet, bookkept }: Facts): string[] {
  const surplus = surplusOrdinals(set);
  const outdated = pods.filter((pod) => isOutdated(pod, set)).map((pod) => pod.ordinal);
  if (intersection(drainSet, without(outdated, surplus)).length > 0) return [`wait-zero ${set.name}`];
  if (without(drainSet, surplus).length > 0 && bookkept) return [`advance ${set.name}`];
  if (without(outdated, surplus).length > 0) return [`upgrade ${set.name}`];
  return formerReplicas(set) !== undefined || bookkept ? [`restore ${set.name}`] : [];
}
