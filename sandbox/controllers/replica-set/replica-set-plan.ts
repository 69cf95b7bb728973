/** The next step of a ReplicaSet controller, as data, and the status it counts. */
import { REPLICA_SETS } from '../../../lib/ports/resources.ts';
import { isFinished, isReady, isTerminating, untilAvailableMs } from '../controlled-pod.ts';
import { controllerReference } from '../controller-ref.ts';
import type { Pod, ReplicaSet, ReplicaSetStatus } from '../controller-types.ts';
import { inDeletionOrder } from './deletion-order.ts';

/** At most this many pods are made or deleted at one go (Kubernetes: BurstReplicas). */
const BURST = 500;

export interface ReplicaSetPlan {
  create: readonly Pod[];
  delete: readonly Pod[];
  /** Time alone (minReadySeconds) will call for a new status after this long. */
  recheckAfterMs: number | undefined;
}

/** Neither finished nor on its way out. */
export const isActive = (pod: Pod): boolean => !isFinished(pod) && !isTerminating(pod);

/** `pods`: all that the ReplicaSet controls; `related`: the active pods of all ReplicaSets of the same owner, its own among them. */
export function planReplicaSet(
  set: ReplicaSet,
  pods: readonly Pod[],
  related: readonly Pod[],
  nowMs: number,
): ReplicaSetPlan {
  const active = pods.filter(isActive);
  const surplus = active.length - (set.spec.replicas ?? 1);
  const missing = Math.min(BURST, Math.max(0, -surplus));
  const waits = active
    .map((pod) => untilAvailableMs(pod, set.spec.minReadySeconds ?? 0, nowMs))
    .filter((ms) => ms > 0 && Number.isFinite(ms));
  return {
    create: Array.from({ length: missing }, () => replicaPod(set)),
    delete: surplus > 0 ? inDeletionOrder(active, related, nowMs).slice(0, Math.min(BURST, surplus)) : [],
    recheckAfterMs: waits.length > 0 ? Math.min(...waits) : undefined,
  };
}

/** A pod from the ReplicaSet's template; the API server completes its name. */
function replicaPod(set: ReplicaSet): Pod {
  const { metadata = {}, spec } = structuredClone(set.spec.template);
  const { annotations, finalizers, labels } = metadata;
  const { namespace } = set.metadata;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: '',
      generateName: `${set.metadata.name}-`,
      ...(namespace === undefined ? {} : { namespace }),
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
      ...(finalizers === undefined ? {} : { finalizers }),
      ownerReferences: [controllerReference(REPLICA_SETS, set)],
    },
    spec,
  };
}

/** Counted from the active pods; counts of zero are left out, as Go does (Kubernetes: calculateStatus). */
export function replicaSetStatus(
  set: ReplicaSet,
  pods: readonly Pod[],
  failure: string | undefined,
  nowMs: number,
): ReplicaSetStatus {
  const active = pods.filter(isActive);
  const wanted = Object.entries(set.spec.template.metadata?.labels ?? {});
  const labelled = active.filter(({ metadata }) => wanted.every(([key, value]) => metadata.labels?.[key] === value));
  const ready = active.filter(isReady).length;
  const available = active.filter((pod) => untilAvailableMs(pod, set.spec.minReadySeconds ?? 0, nowMs) === 0).length;
  const conditions = conditionsOf(set, failure, nowMs);
  return {
    ...(set.metadata.generation === undefined ? {} : { observedGeneration: set.metadata.generation }),
    replicas: active.length,
    ...(labelled.length > 0 ? { fullyLabeledReplicas: labelled.length } : {}),
    ...(ready > 0 ? { readyReplicas: ready } : {}),
    ...(available > 0 ? { availableReplicas: available } : {}),
    ...(conditions.length > 0 ? { conditions } : {}),
  };
}

/** ReplicaFailure stands while pods cannot be made or deleted. */
function conditionsOf(set: ReplicaSet, failure: string | undefined, nowMs: number) {
  const others = (set.status?.conditions ?? []).filter(({ type }) => type !== 'ReplicaFailure');
  if (failure === undefined) return others;
  const known = set.status?.conditions?.find(({ type }) => type === 'ReplicaFailure');
  const lastTransitionTime = new Date(nowMs).toISOString().replace(/\.\d+Z$/, 'Z');
  const condition = { type: 'ReplicaFailure', status: 'True' as const, reason: 'FailedCreate', message: failure };
  return [...others, known ?? { ...condition, lastTransitionTime }];
}
