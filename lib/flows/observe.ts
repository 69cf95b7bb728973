/** Reads the load balancers of the target's Services and joins them with the facts. */
import { type BoundService, bindingsOf, type PodBinding, strayBindings } from '../core/backends.ts';
import type { PodFacts } from '../core/pod.ts';
import type { BackendState, BalancerState, World } from '../ports.ts';
import type { Facts } from './gather.ts';

export interface Observation {
  bound: readonly BoundService[];
  bindings: readonly PodBinding[];
}

/** One read per balancer, however many Services share it; `health` false where only weights are wanted. Throws what the LoadBalancer port throws. */
export async function observe(world: World, facts: Facts, { health = true } = {}): Promise<Observation> {
  const reads = new Map<string, Promise<BalancerState>>();
  const bound = await Promise.all(
    facts.services.map(async ({ service, current }): Promise<BoundService[]> => {
      const id = service.balancerId;
      if (id === undefined) return [];
      const read =
        reads.get(id) ??
        world.balancer.observe(
          { id, ...(service.region === undefined ? {} : { region: service.region }) },
          { signal: world.signal, health },
        );
      reads.set(id, read);
      return [{ service, document: current?.document, balancer: await read }];
    }),
  );
  const flat = bound.flat();
  return { bound: flat, bindings: flat.flatMap((each) => bindingsOf(each, facts.set.name, facts.pods)) };
}

/** Bindings of the pod that no port of the chosen Services explains: another Service or a hand-made rule on the same balancer. */
export function straysOf(observation: Observation, pod: PodFacts): BackendState[] {
  const explained = new Set(
    observation.bindings.filter((binding) => binding.pod.uid === pod.uid).flatMap((binding) => binding.bindings),
  );
  return observation.bound.flatMap((bound) => strayBindings(bound, pod)).filter((backend) => !explained.has(backend));
}
