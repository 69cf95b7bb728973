/** A StatefulSet's status, counted from its pods as the real controller counts. */

import { isReady, isTerminating, revisionOf, untilAvailableMs } from '../controlled-pod.ts';
import type { Pod, StatefulSet, StatefulSetStatus } from '../controller-types.ts';

export interface SetStatusFacts {
  set: StatefulSet;
  pods: readonly Pod[];
  currentRevision: string;
  updateRevision: string;
  collisionCount: number;
  nowMs: number;
}

/**
 * Terminating pods still count as replicas and, while ready, as ready; they count for no revision
 * (Kubernetes, seen on a real control plane). A finished rolling update makes the update revision the current one;
 * under OnDelete currentRevision never catches up (Kubernetes through 1.36). Counts of zero are left out, as Go does.
 */
export function statefulSetStatus(facts: SetStatusFacts): StatefulSetStatus {
  const { set, pods, updateRevision, nowMs } = facts;
  const minReadySeconds = set.spec.minReadySeconds ?? 0;
  const living = pods.filter((pod) => !isTerminating(pod));
  const replicas = pods.length;
  const ready = pods.filter(isReady).length;
  const updated = living.filter((pod) => revisionOf(pod) === updateRevision).length;
  let currentRevision = facts.currentRevision;
  const rolling = (set.spec.updateStrategy?.type ?? 'RollingUpdate') === 'RollingUpdate';
  if (rolling && updated === replicas && ready === replicas) currentRevision = updateRevision;
  const current = living.filter((pod) => revisionOf(pod) === currentRevision).length;
  return {
    ...(set.metadata.generation === undefined ? {} : { observedGeneration: set.metadata.generation }),
    replicas,
    ...(ready > 0 ? { readyReplicas: ready } : {}),
    availableReplicas: pods.filter((pod) => untilAvailableMs(pod, minReadySeconds, nowMs) === 0).length,
    ...(current > 0 ? { currentReplicas: current } : {}),
    ...(updated > 0 ? { updatedReplicas: updated } : {}),
    currentRevision,
    updateRevision,
    collisionCount: facts.collisionCount,
  };
}
