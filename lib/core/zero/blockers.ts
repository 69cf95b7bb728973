/** Obstacles between a pod and zero besides connections, and the one that ends a wait. */

import { ConflictError } from '../errors.ts';
import { disagreement } from '../facts/backends.ts';
import type { Facts } from '../facts/facts.ts';
import { bindingsOfPod, type Observation, straysOf } from '../facts/observation.ts';
import { podAt, podsAt } from '../target/pod.ts';
import { own } from '../values/command.ts';
import { isNeverBound } from './never-bound.ts';

/** Another writer recreated a pod that is waited for (exit 5). */
export class ReplacedError extends ConflictError {}

/** Throws ReplacedError for a pod whose UID has changed since the first look: another writer recreated it. A pod that was already terminating is not remembered, so its successor is accepted. */
export function rejectReplaced(facts: Facts, ordinals: readonly number[], uids: Map<number, string>): void {
  for (const pod of podsAt(facts.pods, ordinals)) {
    const before = uids.get(pod.ordinal);
    if (before !== undefined && before !== pod.uid) {
      throw new ReplacedError(
        `pod/${pod.name} was replaced by another writer during the wait (uid ${before} is gone, ${pod.uid} is there)`,
        own('status', facts.set.name),
      );
    }
    if (!pod.terminating) uids.set(pod.ordinal, pod.uid);
  }
}

/** Everything but connections that keeps a pod from being at zero. Empty: weight 0 is shown for every binding of every pod. */
export function blockers(facts: Facts, observation: Observation, ordinals: readonly number[]): string[] {
  return ordinals.flatMap((ordinal) => {
    const pod = podAt(facts.pods, ordinal);
    const is = facts.strangers.includes(ordinal) ? `is not one of statefulset/${facts.set.name}` : 'does not exist';
    if (pod === undefined) return [`pod ${facts.set.name}-${ordinal} ${is}`];
    const bindings = bindingsOfPod(observation, pod);
    const wanted = bindings
      .filter((binding) => binding.wanted !== 0)
      .map((binding) => `the annotation of service/${binding.service.name} gives ${pod.name} weight ${binding.wanted}`);
    const shown = isNeverBound(observation, pod)
      ? []
      : bindings.flatMap((binding) => disagreement({ ...binding, wanted: 0 }) ?? []);
    const strays = straysOf(observation, pod)
      .filter((backend) => backend.weight !== 0)
      .map((backend) => `another listener (${backend.listenerId}) binds ${pod.name} with weight ${backend.weight}`);
    return [...new Set([...wanted, ...shown, ...strays])];
  });
}
