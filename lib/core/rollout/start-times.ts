/** How long the pods that are there took to start, by their own status. */
import type { KubeObject } from '../facts/kube-object.ts';
import { list, number, text } from '../values/read.ts';
import { parseTime } from '../values/time.ts';

/**
 * Seconds from the start of the last container to ContainersReady; undefined where a container was restarted, for its first
 * start is not known, and where the pod is not ready. Readiness gates do not count: they are the load balancer's time.
 */
export function startSecondsOf(pod: KubeObject): number | undefined {
  const containers = list(pod, 'status', 'containerStatuses');
  const started = containers.map((each) => parseTime(text(each, 'state', 'running', 'startedAt') ?? ''));
  const condition = list(pod, 'status', 'conditions').find((each) => text(each, 'type') === 'ContainersReady');
  if (text(condition, 'status') !== 'True') return undefined;
  if (containers.length === 0 || containers.some((each) => (number(each, 'restartCount') ?? 0) > 0)) return undefined;
  const seconds = (parseTime(text(condition, 'lastTransitionTime') ?? '') - Math.max(...started)) / 1000;
  return seconds >= 0 ? seconds : undefined;
}
