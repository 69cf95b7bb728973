/** Asks the cloud which other listeners bind the pods: other Services, Ingresses, other clusters, rules made by hand. */
import { type Known, known, unknown } from '../core/findings.ts';
import type { PodFacts } from '../core/pod.ts';
import { otherBindingRule } from '../core/rules.ts';
import { isPassing, type Refusal } from '../errors.ts';
import type { AddressBinding, BalancerState, World } from '../ports.ts';
import type { Observation } from './observe.ts';

/**
 * Bindings of these pods that no port of the chosen Services explains, in every VPC and region that the target's load
 * balancers are in. Throws on abort, and what may pass by itself; who may not ask learns that it is unknown.
 */
export async function readOtherBindings(
  world: World,
  observation: Observation,
  pods: readonly PodFacts[],
): Promise<Known<readonly AddressBinding[]>> {
  const { balancer, signal } = world;
  const addresses = pods.map((pod) => pod.address).filter((address) => address !== '');
  if (addresses.length === 0) return known([]);
  if (balancer.bindingsOf === undefined) return unknown('this cloud cannot be asked by address');
  const found: AddressBinding[] = [];
  try {
    for (const { id, region } of onePerNetwork(observation.bound.map((bound) => bound.balancer)))
      found.push(...(await balancer.bindingsOf({ id, region }, addresses, { signal })));
  } catch (error) {
    signal.throwIfAborted();
    if (isPassing(error)) throw error;
    return unknown(error instanceof Error ? error.message : String(error));
  }
  const own = new Set(
    observation.bindings.flatMap(({ balancer: { id }, bindings }) =>
      bindings.map((backend) => key(id, backend.listenerId, backend.ruleId, backend.address, backend.port)),
    ),
  );
  return known(
    found.filter(
      (each) => !own.has(key(each.balancerId, each.listenerId, each.ruleId, each.address, each.backendPort)),
    ),
  );
}

/** The refusals that follow. What is unknown, or left out on purpose with --service, is said and let pass. */
export async function otherBindingRefusals(
  world: World,
  observation: Observation,
  pods: readonly PodFacts[],
  narrowed: boolean,
): Promise<Refusal[]> {
  const others = await readOtherBindings(world, observation, pods);
  if (!others.known) {
    world.report.warn(`whether another load balancer sends traffic to the same pods is unknown: ${others.because}`);
    return [];
  }
  const refusals = otherBindingRule(others.value, pods);
  if (!narrowed) return refusals;
  for (const { message } of refusals) world.report.warn(message);
  return [];
}

const key = (...parts: readonly (string | number | undefined)[]): string => parts.map(String).join(' ');

function onePerNetwork(balancers: readonly BalancerState[]): BalancerState[] {
  return [...new Map(balancers.map((each) => [`${each.region} ${each.numericVpcId}`, each])).values()];
}
