/** Asks the cloud which other listeners bind the pods: other Services, Ingresses, other clusters, rules made by hand. */

import { isPassing, type Refusal } from '../../core/errors.ts';
import type { Observation } from '../../core/facts/observation.ts';
import { otherBindingRule } from '../../core/safety/rules.ts';
import type { PodFacts } from '../../core/target/pod.ts';
import { type Known, known, unknown } from '../../core/values/known.ts';
import type { AddressBinding, BalancerState, World } from '../../ports.ts';
import { notChecked } from './not-checked.ts';

/**
 * Bindings of these pods that no port of the chosen Services explains, in every VPC and region that the target's load
 * balancers are in. Throws on abort, and errors that may be temporary. Without permission the answer is unknown; so it is
 * when the look-up misses a binding of the target's own load balancers. `many`: what was read of them a moment ago may stand for
 * asking address by address; not before a drain or a deletion.
 */
export async function readOtherBindings(
  world: World,
  observation: Observation,
  pods: readonly PodFacts[],
  { many = false } = {},
): Promise<Known<readonly AddressBinding[]>> {
  const { balancer, signal } = world;
  const addresses = pods.flatMap((pod) => pod.addresses);
  if (addresses.length === 0) return known([]);
  if (balancer.bindingsOf === undefined) return unknown('this cloud cannot be asked by address');
  const own = ownBindings(observation, new Set(addresses));
  const others: AddressBinding[] = [];
  try {
    for (const asked of onePerNetwork(observation.bound.map((bound) => bound.balancer))) {
      const { id, region } = asked;
      const seen = many ? observation.bound.map((bound) => bound.balancer) : undefined;
      const found = await balancer.bindingsOf({ id, region }, addresses, {
        signal,
        ...(seen === undefined ? {} : { seen }),
      });
      const keys = new Set(found.map(keyOf));
      const there = own.filter((each) => networkOf(each.balancer) === networkOf(asked));
      const [first] = there;
      if (first !== undefined && !there.some((each) => keys.has(each.key)))
        return unknown(
          `the cloud's look-up by address does not return ${first.address}, which ${first.balancer.id} binds`,
        );
      others.push(...found);
    }
  } catch (error) {
    signal.throwIfAborted();
    if (isPassing(error)) throw error;
    return unknown(error instanceof Error ? error.message : String(error));
  }
  const explained = new Set(own.map(({ key }) => key));
  return known(others.filter((each) => !explained.has(keyOf(each))));
}

/** The refusals that follow. Warns, and refuses nothing, for an unknown answer and for a Service that --service leaves out. */
export async function otherBindingRefusals(
  world: World,
  observation: Observation,
  pods: readonly PodFacts[],
  narrowed: boolean,
): Promise<Refusal[]> {
  const others = await readOtherBindings(world, observation, pods);
  if (!others.known) {
    notChecked(world, `whether another load balancer sends traffic to the same pods is unknown: ${others.because}`);
    return [];
  }
  const refusals = otherBindingRule(others.value, pods);
  if (!narrowed) return refusals;
  for (const { message } of refusals) world.report.warn(message);
  return [];
}

interface OwnBinding {
  balancer: BalancerState;
  address: string;
  key: string;
}

const ownBindings = ({ bindings }: Observation, addresses: ReadonlySet<string>): OwnBinding[] =>
  bindings.flatMap(({ balancer, bindings: backends }) =>
    backends
      .filter(({ address }) => addresses.has(address))
      .map((backend) => ({
        balancer,
        address: backend.address,
        key: keyOf({ ...backend, balancerId: balancer.id, backendPort: backend.port }),
      })),
  );

const keyOf = ({
  balancerId,
  listenerId,
  ruleId,
  address,
  backendPort,
}: Pick<AddressBinding, 'balancerId' | 'listenerId' | 'ruleId' | 'address' | 'backendPort'>): string =>
  `${balancerId} ${listenerId} ${ruleId} ${address} ${backendPort}`;

const networkOf = ({ region, numericVpcId }: BalancerState): string => `${region} ${numericVpcId}`;

const onePerNetwork = (balancers: readonly BalancerState[]): BalancerState[] => [
  ...new Map(balancers.map((each) => [networkOf(each), each])).values(),
];
