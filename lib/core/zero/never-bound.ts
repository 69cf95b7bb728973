/** Pods that no load balancer ever knew: they never became ready, so nothing was ever sent to them. */

import { READINESS_GATE } from '../check/check-pods.ts';
import type { PodBinding } from '../facts/backends.ts';
import { bindingsOfPod, type Observation, straysOf } from '../facts/observation.ts';
import { selects } from '../facts/selection.ts';
import type { PodFacts } from '../target/pod.ts';

/**
 * Whether no load balancer has ever had this pod: then nothing was ever sent to it. TKE's gate is met once a load balancer has
 * the pod and finds it healthy (TKE: readiness gates under direct access), and a pod cannot be ready without: one that has
 * never been ready has never served. Without that gate the answer is no.
 */
export function isNeverBound(observation: Observation, pod: PodFacts): boolean {
  const gate = pod.gates.find(({ type }) => type === READINESS_GATE);
  return gate !== undefined && !gate.met && pod.neverReady && isUnbound(observation, pod);
}

/**
 * Whether a pod that is not ready is bound nowhere now. That a listener shows nothing for it counts only where the same
 * matching finds another pod of the target on the same listener: an address or a port that was read wrongly finds none. That of
 * a Service for one pod has to bind nothing at all.
 */
export function isUnbound(observation: Observation, pod: PodFacts): boolean {
  // A terminating pod is unbound because it goes: it may have served before.
  if (pod.ready || pod.terminating) return false;
  const own = bindingsOfPod(observation, pod);
  return (
    own.length > 0 &&
    own.every((binding) => binding.bindings.length === 0 && hasSibling(observation, binding)) &&
    straysOf(observation, pod).length === 0
  );
}

function hasSibling({ bindings }: Observation, { pod, service, port, listener }: PodBinding): boolean {
  if (listener === undefined) return false;
  const others = bindings.filter(
    (other) =>
      other.pod.uid !== pod.uid &&
      other.service.name === service.name &&
      other.port.port === port.port &&
      other.port.protocol === port.protocol &&
      other.listener?.id === listener.id,
  );
  return others.length === 0 ? listener.backends.length === 0 : others.some((other) => other.bindings.length > 0);
}

/**
 * Whether no chosen Service selects the pod now and no load balancer of theirs binds it: no connection comes through them, and
 * those that came before its labels changed ended when it was unbound.
 */
export const isUnselected = (observation: Observation, pod: PodFacts): boolean =>
  observation.bound.every(({ service }) => !selects(service, pod)) && straysOf(observation, pod).length === 0;
