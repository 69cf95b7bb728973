/** The conditions on an updated pod before it is trusted; pure, over one look at it. */
import { isServing, type PodBinding, where } from '../facts/backends.ts';
import { notServingBecause, type PodFacts } from '../target/pod.ts';
import type { StatefulSetFacts } from '../target/stateful-set-facts.ts';
import { parseTime } from '../values/time.ts';

export interface HealthCase {
  set: StatefulSetFacts;
  pod: PodFacts | undefined;
  name: string;
  bindings: readonly PodBinding[];
  /** By the API server's clock, as `readySince` is. */
  nowMs: number;
  /** Restarts when the observation began; undefined: this is the beginning. */
  restartsBefore: number | undefined;
  /** The pod's UID when the observation began. */
  uidBefore: string | undefined;
  /** Whether the pod must have traffic; a drained pod is only asked to be healthy. */
  underTraffic: boolean;
}

/** Everything that is wrong with the pod now, each as a sentence that begins with its name; empty when nothing is. */
export function ailments(one: HealthCase): string[] {
  const { pod, set, name } = one;
  if (pod === undefined) return [`${name} does not exist`];
  if (one.uidBefore !== undefined && one.uidBefore !== pod.uid) return [`${name} was replaced by another writer`];
  const because = notServingBecause(pod, set);
  const found = because === undefined ? [] : [`${name} ${because}${unreadySince(pod)}`];
  for (const [container, image] of Object.entries(set.images)) {
    if (pod.images[container] !== image)
      found.push(`${name} runs ${container}=${pod.images[container] ?? 'nothing'}, wanted ${image}`);
  }
  if (one.restartsBefore !== undefined && pod.restarts > one.restartsBefore) {
    const times = pod.restarts - one.restartsBefore;
    found.push(`${name} restarted ${times} ${times === 1 ? 'time' : 'times'} while it was observed (${pod.state})`);
  }
  const readyForMs = one.nowMs - parseTime(pod.readySince);
  if (because === undefined && set.minReadySeconds > 0 && !(readyForMs >= set.minReadySeconds * 1000)) {
    found.push(`${name} has been ready for less than minReadySeconds (${set.minReadySeconds}s)`);
  }
  return [...found, ...one.bindings.flatMap((binding) => bindingAilment(binding, name, one.underTraffic))];
}

/** As the kubelet says it, which may be long before the first look. */
const unreadySince = (pod: PodFacts): string =>
  pod.ready || pod.terminating || pod.readySince === '' ? '' : ` since ${pod.readySince}`;

function bindingAilment(binding: PodBinding, name: string, underTraffic: boolean): string[] {
  const healths = binding.bindings.map((backend) => backend.health);
  if (binding.bindings.length === 0) return [`${name} is not bound at ${where(binding)}`];
  if (!healths.every((health) => health === 'alive' || health === 'off'))
    return [`${name} is ${healths.join(', ')} at ${where(binding)}`];
  return underTraffic && !isServing(binding)
    ? [`${name} has weight 0 at ${where(binding)}: it is not under traffic`]
    : [];
}
