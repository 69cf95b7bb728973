/** Which pods of a ReplicaSet go first when it is scaled in (Kubernetes: ActivePodsWithRanks). */
import { field, list, number, text } from '../../../lib/core/values/read.ts';
import { isReady } from '../controlled-pod.ts';
import type { Pod } from '../controller-types.ts';

/** A pod with a lower cost goes first; only within one ReplicaSet, and only after what follows it in the order has tied. */
export const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost';

const PHASES: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 };

/**
 * In the order of deletion: unassigned, pending, not ready, cheap, on a node with many pods of the same owner (`related`
 * holds the active pods of all its ReplicaSets), ready for a short time, often restarted, young. Times of the same
 * power of two count as equal, and the uid decides (LogarithmicScaleDown, on since Kubernetes 1.22).
 */
export function inDeletionOrder(pods: readonly Pod[], related: readonly Pod[], nowMs: number): Pod[] {
  const crowd = new Map<string, number>();
  for (const pod of related) crowd.set(nodeOf(pod), (crowd.get(nodeOf(pod)) ?? 0) + 1);
  const keyOf = (pod: Pod): number[] => [
    nodeOf(pod) === '' ? 0 : 1,
    PHASES[text(pod, 'status', 'phase') ?? 'Pending'] ?? 0,
    isReady(pod) ? 1 : 0,
    deletionCost(pod),
    -(crowd.get(nodeOf(pod)) ?? 0),
  ];
  const keys = new Map(pods.map((pod) => [pod, keyOf(pod)]));
  return pods.toSorted((a, b) => {
    const [ours = [], theirs = []] = [keys.get(a), keys.get(b)];
    const at = ours.findIndex((part, index) => part !== theirs[index]);
    return at >= 0 ? (ours[at] ?? 0) - (theirs[at] ?? 0) : byAge(a, b, nowMs);
  });
}

function byAge(a: Pod, b: Pod, nowMs: number): number {
  if (isReady(a) && isReady(b)) {
    const byReady = youngerFirst(a, b, readySince, nowMs);
    if (byReady !== 0) return byReady;
  }
  return restarts(b) - restarts(a) || youngerFirst(a, b, createdAt, nowMs);
}

function youngerFirst(a: Pod, b: Pod, since: (pod: Pod) => number, nowMs: number): number {
  if (since(a) === since(b)) return 0;
  const age = (pod: Pod) => Math.floor(Math.log2(Math.max(1, nowMs - since(pod))));
  return age(a) - age(b) || (a.metadata.uid ?? '').localeCompare(b.metadata.uid ?? '');
}

/** A cost that is no 32-bit number counts as 0; the API server refuses to store one. */
export function deletionCost(pod: Pod): number {
  const value = pod.metadata.annotations?.[DELETION_COST] ?? '0';
  return /^(0|-?[1-9]\d*)$/.test(value) ? Number(value) : 0;
}

const nodeOf = (pod: Pod): string => pod.spec.nodeName ?? '';
const createdAt = (pod: Pod): number => Date.parse(pod.metadata.creationTimestamp ?? '') || 0;
const readySince = (pod: Pod): number =>
  Date.parse(pod.status?.conditions?.find(({ type }) => type === 'Ready')?.lastTransitionTime ?? '') || 0;
const restarts = (pod: Pod): number =>
  Math.max(0, ...list(field(pod, 'status'), 'containerStatuses').map((each) => number(each, 'restartCount') ?? 0));
