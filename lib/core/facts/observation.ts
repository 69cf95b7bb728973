/** The pods as the load balancers show them, joined with the facts. */
import type { PodFacts } from '../target/pod.ts';
import { type BoundService, type PodBinding, strayBindings } from './backends.ts';
import type { BackendState } from './balancer-state.ts';

export interface Observation {
  bound: readonly BoundService[];
  bindings: readonly PodBinding[];
}

/** Bindings of the pod that no port of the chosen Services explains: another Service or a hand-made rule on the same balancer. */
export function straysOf(observation: Observation, pod: PodFacts): BackendState[] {
  const explained = new Set(
    observation.bindings.filter((binding) => binding.pod.uid === pod.uid).flatMap((binding) => binding.bindings),
  );
  return observation.bound.flatMap((bound) => strayBindings(bound, pod)).filter((backend) => !explained.has(backend));
}
