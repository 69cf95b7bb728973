/** Ordinals at weight 0 that no pod has yet: a surge writes the weight before it adds the pod. Pure. */

import type { Facts } from '../facts/facts.ts';
import { isOfOtherRevision } from '../target/pod.ts';
import { FORMER_REPLICAS } from '../target/surplus.ts';
import type { RunningVerb } from './status-view.ts';

/**
 * Whether drained ordinals beyond the replicas are of pods to come, and not of pods that were scaled away. `running`: the verb whose lease is held.
 * An upgrade adds a surplus without traffic only while pods run another revision, and takes it away only once none does.
 */
export function areUnborn({ set, pods }: Pick<Facts, 'set' | 'pods'>, running: RunningVerb | undefined): boolean {
  if (running?.verb === 'surge') return true;
  const isSurged = set.annotations[FORMER_REPLICAS] !== undefined;
  return running?.verb === 'upgrade' && !isSurged && pods.some((pod) => isOfOtherRevision(pod, set));
}
