/** Terminating pods: since when, how far beyond their grace, and the reason. A lost node keeps its pods so until a person decides. */

import type { Refusal } from '../errors.ts';
import { type Advice, kubectl } from '../values/command.ts';
import { formatDuration } from '../values/duration.ts';
import { parseTime } from '../values/time.ts';
import type { PodFacts } from './pod.ts';
import type { StatefulSetFacts } from './stateful-set-facts.ts';

/** A kubelet that is there has ended a pod by then, and the API server has removed it. */
const SLACK_MS = 30_000;

/** Whether the pod should have been gone for a while: deletionTimestamp is the end of its grace (Kubernetes API, ObjectMeta). */
export const isOverdue = (pod: PodFacts, nowMs: number): boolean =>
  pod.terminating && nowMs - parseTime(pod.deletedAt) > SLACK_MS;

/** The ordinals of overdue pods. */
export const overdueOf = (pods: readonly PodFacts[], nowMs: number): number[] =>
  pods.filter((pod) => isOverdue(pod, nowMs)).map(({ ordinal }) => ordinal);

/** `nginx-1 has been terminating for 3m (2m30s beyond its grace period of 30s); finalizers: a/b; node n1 is not Ready`. `node`: what is known of its node. */
export function goingText(pod: PodFacts, nowMs: number, node?: string): string {
  const endMs = parseTime(pod.deletedAt);
  const graceMs = pod.graceSeconds * 1000;
  const seconds = (ms: number): string => formatDuration(Math.max(0, Math.floor(ms / 1000) * 1000));
  const state = Number.isFinite(endMs)
    ? `has been terminating for ${seconds(nowMs - endMs + graceMs)}`
    : 'is terminating';
  const beyond = nowMs > endMs ? ` (${seconds(nowMs - endMs)} beyond its grace period of ${seconds(graceMs)})` : '';
  const held = pod.finalizers.length === 0 ? '' : `; finalizers: ${pod.finalizers.join(', ')}`;
  return `${pod.name} ${state}${beyond}${held}${node === undefined ? '' : `; ${node}`}`;
}

/** The cures for a pod that does not go: one command each. */
export function goingCures(pod: PodFacts): Advice[] {
  return [
    ...(pod.node === '' ? [] : [kubectl('get', 'node', pod.node).note('is it there, and Ready?')]),
    ...(pod.finalizers.length === 0
      ? []
      : [kubectl('get', 'pod', pod.name, '-o', 'yaml').note('whose finalizer holds it?')]),
    kubectl('delete', 'pod', pod.name, '--grace-period=0', '--force').note(
      'once you know that its node is gone: else two pods of that name may run',
    ),
  ];
}

/** Drains of pods that are going already: their connections end with them, and no load balancer shows a weight. */
export const goingRule = (pods: readonly PodFacts[], texts: ReadonlyMap<string, string>): Refusal[] =>
  pods
    .filter((pod) => pod.terminating)
    .map((pod) => ({
      rule: 'not-terminating',
      message: `${texts.get(pod.name) ?? `${pod.name} is terminating`}: its load balancer has unbound it, and there is nothing to drain`,
      cure: goingCures(pod).at(0) ?? kubectl('describe', 'pod', pod.name),
    }));

/** With OrderedReady no pod above one that is going comes back before it (Kubernetes: StatefulSet, pod management policies). */
export function comesBack(
  { podManagementPolicy }: Pick<StatefulSetFacts, 'podManagementPolicy'>,
  ordinal: number,
  going: readonly number[],
): boolean {
  return podManagementPolicy === 'Parallel' || going.every((each) => ordinal < each);
}

/** Above a pod that does not go none comes back: refused before anything is drained. */
export const orderedRule = (
  set: StatefulSetFacts,
  ordinals: readonly number[],
  going: readonly PodFacts[],
  texts: ReadonlyMap<string, string>,
): Refusal[] => {
  const held = ordinals.filter(
    (ordinal) =>
      !comesBack(
        set,
        ordinal,
        going.map((pod) => pod.ordinal),
      ),
  );
  const first = going[0];
  if (held.length === 0 || first === undefined) return [];
  return [
    {
      rule: 'lower-ready',
      message: `${texts.get(first.name) ?? `${first.name} is terminating`}: with podManagementPolicy ${set.podManagementPolicy} ${held.map((ordinal) => `${set.name}-${ordinal}`).join(', ')} would not come back before it is`,
      cure: goingCures(first).at(0) ?? kubectl('describe', 'pod', first.name),
    },
  ];
};
