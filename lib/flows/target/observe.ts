/** Reads the load balancers of the target's Services and joins them with the facts. */
import { type BoundService, bindingsOf } from '../../core/facts/backends.ts';
import type { BalancerState } from '../../core/facts/balancer-state.ts';
import { withHealthOf } from '../../core/facts/carried-health.ts';
import type { Facts } from '../../core/facts/facts.ts';
import type { Observation } from '../../core/facts/observation.ts';
import type { World } from '../../ports.ts';

/** Of the same facts: load balancers that show the very same listeners as before are not joined again. */
const seen = new WeakMap<Facts, Observation>();

/**
 * One read per balancer, however many Services share it; `health` false where only weights are wanted, with `before` for the health
 * that was read then. Throws what the LoadBalancer port throws.
 */
export async function observe(
  world: World,
  facts: Facts,
  { health = true, before }: { health?: boolean; before?: Observation | undefined } = {},
): Promise<Observation> {
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
      const last = health ? undefined : before?.bound.find(({ balancer }) => balancer.id === id)?.balancer;
      const balancer = last === undefined ? await read : withHealthOf(last, await read);
      return [{ service, document: current?.document, balancer }];
    }),
  );
  const flat = bound.flat();
  const known = seen.get(facts);
  if (known?.bound.every(({ balancer }, index) => balancer.listeners === flat[index]?.balancer.listeners)) return known;
  const observation = { bound: flat, bindings: flat.flatMap((each) => bindingsOf(each, facts.set.name, facts.pods)) };
  seen.set(facts, observation);
  return observation;
}
