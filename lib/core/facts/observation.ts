/** The pods as the load balancers show them, joined with the facts. */
import type { PodFacts } from '../target/pod.ts';
import { type BoundService, backendsAt, type PodBinding, strayBindings } from './backends.ts';
import type { BackendState } from './balancer-state.ts';

export interface Observation {
  bound: readonly BoundService[];
  bindings: readonly PodBinding[];
}

/** Of each list of bindings that was looked at, by pod UID: ten pods that are waited for would walk through those of a thousand again and again. */
const byUid = new WeakMap<readonly PodBinding[], ReadonlyMap<string, readonly PodBinding[]>>();

const byOrdinal = new WeakMap<readonly PodBinding[], ReadonlyMap<number, readonly PodBinding[]>>();

/** The bindings of the pods of these ordinals, on every port of every chosen Service that selects them. */
export function bindingsAt({ bindings }: Pick<Observation, 'bindings'>, ordinals: readonly number[]) {
  const index = byOrdinal.get(bindings) ?? Map.groupBy(bindings, ({ pod }) => pod.ordinal);
  byOrdinal.set(bindings, index);
  return ordinals.flatMap((ordinal) => index.get(ordinal) ?? []);
}

/** The bindings of one pod, on every port of every chosen Service that selects it. */
export function bindingsOfPod({ bindings }: Pick<Observation, 'bindings'>, { uid }: Pick<PodFacts, 'uid'>) {
  const index = byUid.get(bindings) ?? Map.groupBy(bindings, ({ pod }) => pod.uid);
  byUid.set(bindings, index);
  return index.get(uid) ?? [];
}

/** Bindings of the pod that no port of the chosen Services explains: another Service or a hand-made rule on the same balancer. */
export function straysOf(observation: Observation, pod: PodFacts): BackendState[] {
  const explained = new Set(bindingsOfPod(observation, pod).flatMap((binding) => binding.bindings));
  const shown = observation.bound.flatMap(({ balancer }) =>
    balancer.listeners.flatMap((each) => backendsAt(each, pod)),
  );
  if (shown.every((backend) => explained.has(backend))) return [];
  return observation.bound.flatMap((bound) => strayBindings(bound, pod)).filter((backend) => !explained.has(backend));
}
