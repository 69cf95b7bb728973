/** A pod's status, in the words that the controllers reason in. */
import type { Pod } from './controller-types.ts';

export const REVISION_LABEL = 'controller-revision-hash';

export const isTerminating = (pod: Pod): boolean => pod.metadata.deletionTimestamp !== undefined;

/** Failed or Succeeded: no container will ever run again. */
export const isFinished = (pod: Pod): boolean => pod.status?.phase === 'Failed' || pod.status?.phase === 'Succeeded';

/** Running with the Ready condition, terminating or not (Kubernetes: a terminating pod stays ready until its containers stop). */
export function isReady(pod: Pod): boolean {
  return pod.status?.phase === 'Running' && readyCondition(pod)?.status === 'True';
}

/** Milliseconds until the pod has been ready for `minReadySeconds`: 0 = available now, Infinity = not ready. */
export function untilAvailableMs(pod: Pod, minReadySeconds: number, nowMs: number): number {
  if (!isReady(pod)) return Number.POSITIVE_INFINITY;
  if (minReadySeconds === 0) return 0;
  const since = Date.parse(readyCondition(pod)?.lastTransitionTime ?? '');
  return Number.isNaN(since) ? Number.POSITIVE_INFINITY : Math.max(0, since + minReadySeconds * 1000 - nowMs);
}

export const revisionOf = (pod: Pod): string | undefined => pod.metadata.labels?.[REVISION_LABEL];

function readyCondition(pod: Pod) {
  return pod.status?.conditions?.find((condition) => condition.type === 'Ready');
}
