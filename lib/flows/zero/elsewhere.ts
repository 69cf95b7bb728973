/**
 * The pods' bindings that no port of the chosen Services explains: on the same load balancers, or on others.
 * Law: one that has weight keeps its pod from being at zero; one at weight 0 gets nothing new, but what came before has to end,
 * so it is counted as every other.
 */

import { isPassing, type Refusal } from '../../core/errors.ts';
import { backendsAt, countedAt, isSending } from '../../core/facts/backends.ts';
import type { Facts } from '../../core/facts/facts.ts';
import { type Observation, straysOf } from '../../core/facts/observation.ts';
import type { TargetIntent } from '../../core/intent/intent.ts';
import { otherBindingRule } from '../../core/safety/rules.ts';
import { type PodFacts, podsAt } from '../../core/target/pod.ts';
import type { AddressBinding, BalancerState, CountedBackend, ListenerState, World } from '../../ports.ts';
import { readOtherBindings } from '../safety/other-bindings.ts';

const AGAIN_MS = 60_000;

export interface Elsewhere {
  /** Load balancers that go on sending, although the chosen Services want 0. */
  blocked: readonly Refusal[];
  /** Ordinals that `blocked` concerns. */
  stuck: readonly number[];
  /** At weight 0, to be counted. */
  backends: readonly CountedBackend[];
  /** Other pods of the target on the same listeners, with weight: a source proves itself on them. */
  siblings: readonly CountedBackend[];
  /** Whether the cloud was asked for it just now. */
  isFresh: boolean;
}

/** Asks the cloud by address once; `afresh`, and where it has found something, again. */
export interface ElsewhereReader {
  /** Throws errors that may be temporary, and on abort. Warns, once, when the operator may not ask: the answer is unknown then. */
  read(observation: Observation, facts: Facts, ordinals: readonly number[], afresh?: boolean): Promise<Elsewhere>;
}

export function createElsewhereReader(world: World, { services }: TargetIntent): ElsewhereReader {
  let others: readonly AddressBinding[] | undefined;
  const balancers = new Map<string, BalancerState>();
  const said = new Set<string>();
  let askedAtMs = Number.NEGATIVE_INFINITY;
  const warnOnce = (line: string): void => {
    if (!said.has(line)) world.report.warn(line);
    said.add(line);
  };

  async function askCloud(observation: Observation, pods: readonly PodFacts[]): Promise<readonly AddressBinding[]> {
    const own = new Set(observation.bound.map(({ balancer }) => balancer.id));
    const answer = await readOtherBindings(world, observation, pods);
    if (!answer.known) {
      warnOnce(`whether another load balancer binds the same pods is unknown: ${answer.because}`);
      return [];
    }
    // Those on the target's own load balancers are seen there at every look.
    const found = answer.value.filter(({ balancerId }) => !own.has(balancerId));
    balancers.clear();
    for (const { balancerId, region } of found)
      if (!balancers.has(balancerId)) balancers.set(balancerId, await readBalancer(world, balancerId, region));
    return found;
  }

  return {
    async read(observation, facts, ordinals, afresh = false) {
      const pods = podsAt(facts.pods, ordinals);
      // Where something was found, it may be unbound any moment.
      const nowMs = world.clock.now();
      const isDue = (others?.length ?? 0) > 0 && (nowMs >= askedAtMs + AGAIN_MS || nowMs < askedAtMs);
      const isFresh = others === undefined || afresh || isDue;
      if (others === undefined || afresh || isDue) {
        askedAtMs = world.clock.now();
        others = await askCloud(observation, pods);
      }
      const refusals = otherBindingRule(others, pods);
      // Excluded by --service: warn, as drain does, but neither drain nor count it.
      if (services !== undefined) for (const { message } of refusals) warnOnce(message);
      const blocked = services === undefined ? refusals : [];
      const live = new Set(others.filter(({ weight }) => weight > 0).map(({ address }) => address));
      const stuck = pods
        .filter(({ addresses }) => blocked.length > 0 && addresses.some((address) => live.has(address)))
        .map(({ ordinal }) => ordinal);
      const backends = [...strayBackends(observation, pods), ...otherBackends(others, balancers, pods)];
      // An obstacle may be removed at any moment: ask again at the next look.
      if (blocked.length > 0) others = undefined;
      return { blocked, stuck, backends, siblings: siblingsOf(backends, facts, ordinals), isFresh };
    },
  };
}

/** A load balancer that may not be read can still be counted in the pod, but not by Cloud Monitor, which needs its VIP. */
async function readBalancer(world: World, id: string, region: string | undefined): Promise<BalancerState> {
  try {
    const ref = { id, ...(region === undefined ? {} : { region }) };
    return await world.balancer.observe(ref, { signal: world.signal });
  } catch (error) {
    if (world.signal.aborted || isPassing(error)) throw error;
    const unread = { id, name: id, vips: [], network: 'public', numericVpcId: '', region: region ?? '' } as const;
    return { ...unread, running: true, listeners: [], observedAtMs: world.clock.now() };
  }
}

const strayBackends = (observation: Observation, pods: readonly PodFacts[]): CountedBackend[] =>
  pods.flatMap((pod) => {
    const strays = new Set(straysOf(observation, pod));
    if (strays.size === 0) return [];
    const balancers = new Map(observation.bound.map(({ balancer }) => [balancer.id, balancer]));
    return [...balancers.values()].flatMap((balancer) =>
      balancer.listeners.flatMap((listener) =>
        listener.backends
          .filter((backend) => strays.has(backend))
          .map(({ address, port }) => countedAt(pod, { balancer, listener, address, port, elsewhere: true })),
      ),
    );
  });

const otherBackends = (
  others: readonly AddressBinding[],
  balancers: ReadonlyMap<string, BalancerState>,
  pods: readonly PodFacts[],
): CountedBackend[] =>
  others.flatMap((binding) => {
    const balancer = balancers.get(binding.balancerId);
    const pod = pods.find(({ addresses }) => addresses.includes(binding.address));
    if (balancer === undefined || pod === undefined || binding.weight > 0) return [];
    const listener = balancer.listeners.find(({ id }) => id === binding.listenerId) ?? listenerOf(binding);
    const { address, backendPort: port } = binding;
    return [countedAt(pod, { balancer, listener, address, port, elsewhere: true })];
  });

/** Facts about a listener that could not be read itself. */
const listenerOf = ({ listenerId, protocol, port }: AddressBinding): ListenerState => ({
  id: listenerId,
  protocol,
  port,
  scheduler: 'unknown',
  sessionExpireSeconds: 0,
  targetType: 'NODE',
  flags: [],
  resetsOnUnbind: true,
  healthCheck: { on: true, intervalSeconds: 5, healthyThreshold: 3, unhealthyThreshold: 3 },
  backends: [],
});

/** Pods that are not waited for, where these listeners send to them. */
function siblingsOf(backends: readonly CountedBackend[], facts: Facts, ordinals: readonly number[]): CountedBackend[] {
  if (backends.length === 0) return [];
  const places = new Map(
    backends.map(({ balancer, listener }) => [`${balancer.id} ${listener.id}`, { balancer, listener }]),
  );
  const others = facts.pods.filter((pod) => !ordinals.includes(pod.ordinal) && pod.addresses.length > 0);
  return [...places.values()].flatMap(({ balancer, listener }) =>
    others.flatMap((pod) =>
      backendsAt(listener, pod)
        .filter(isSending)
        .map(({ address, port }) => countedAt(pod, { balancer, listener, address, port, elsewhere: true })),
    ),
  );
}
