/**
 * The last look before pods go, by deletion or eviction: the same pods, weight 0 wanted and shown, and no other sender to
 * them. It never narrows to --service: a pod that goes takes the connections of every Service with it.
 */

import { ConflictError, type Refusal, StatusError } from '../../core/errors.ts';
import { type PodBinding, portKeys } from '../../core/facts/backends.ts';
import type { Facts, ServiceWeights } from '../../core/facts/facts.ts';
import { selects } from '../../core/facts/selection.ts';
import { TKE } from '../../core/facts/service-facts.ts';
import type { TargetIntent } from '../../core/intent/intent.ts';
import type { PodFacts } from '../../core/target/pod.ts';
import { own } from '../../core/values/command.ts';
import { wantedWeight } from '../../core/weights/drain-set.ts';
import { keyText } from '../../core/weights/rs-weight.ts';
import { blockers } from '../../core/zero/blockers.ts';
import type { World } from '../../ports.ts';
import { deadlineOf } from '../guard/deadline.ts';
import { otherBindingRefusals } from '../safety/other-bindings.ts';
import { gatherObserved } from '../target/gather-observed.ts';
import { observe } from '../target/observe.ts';

export interface LastLook {
  /** Of every Service, chosen or not. */
  facts: Facts;
  /** The weights that the chosen Services still give the pods. */
  blocked: readonly Refusal[];
  /** The weights that all others still give the pods. */
  others: readonly Refusal[];
}

/** At the cluster and at the load balancers. Throws ConflictError when one of the pods is no longer there under its UID. */
export async function lastLook(world: World, intent: TargetIntent, pods: readonly PodFacts[]): Promise<LastLook> {
  const wanted = await wantedLook(world, intent, pods);
  const services = wanted.facts.services.filter((each) => isChosen(intent, each));
  const facts = { ...wanted.facts, services };
  const all = {
    ...wanted.facts,
    // One without the annotation may bind pods too: the load balancer shows it.
    services: wanted.facts.services,
  };
  const seen = await observe(world, all);
  const isMine = ({ service }: { service: { name: string } }) =>
    services.some((each) => each.service.name === service.name);
  const observation = { bound: seen.bound.filter(isMine), bindings: seen.bindings.filter(isMine) };
  const ordinals = pods.map((pod) => pod.ordinal);
  return {
    facts: wanted.facts,
    blocked: blockers(facts, observation, ordinals).map((message) => ({ rule: 'at-zero', message })),
    others: [
      ...wanted.others,
      ...weightsShown(
        seen.bindings.filter((binding) => !isMine(binding)),
        pods,
      ).map((sending) => leftOut(facts, pods, sending)),
      ...(await otherBindingRefusals(world, observation, pods, false)),
    ],
  };
}

/** At the cluster alone, which is quick: what the annotations want now. */
export async function wantedLook(world: World, intent: TargetIntent, pods: readonly PodFacts[]): Promise<LastLook> {
  const facts = await gatherAll(world, intent);
  const replaced = pods.filter((pod) => !facts.pods.some((now) => now.uid === pod.uid));
  if (replaced.length > 0) {
    throw new ConflictError(
      `${replaced.map((pod) => `pod/${pod.name}`).join(', ')} was replaced by another writer`,
      own('status', intent.name),
    );
  }
  const given = (weights: ServiceWeights) => weightsGiven(facts, weights, pods);
  return {
    facts,
    blocked: facts.services
      .filter((each) => isChosen(intent, each))
      .flatMap(given)
      .map((message) => ({ rule: 'at-zero', message })),
    others: facts.services
      .filter((each) => !isChosen(intent, each) && bindsPods(each))
      .flatMap(given)
      .map((message) => leftOut(facts, pods, message)),
  };
}

const leftOut = ({ set }: Facts, pods: readonly PodFacts[], sending: string): Refusal => ({
  rule: 'no-other-binding',
  message: `${sending}, and --service leaves it out: its connections would be cut`,
  cure: own('drain', set.name, pods.map((pod) => pod.ordinal).join(','))
    .without('--service')
    .note('on every Service: without --service'),
});

/** Without permission to list Services only those of --service are seen; the cloud is still asked about others. */
async function gatherAll(world: World, intent: TargetIntent): Promise<Facts> {
  const { services, ...all } = intent;
  const deadlineMs = deadlineOf(world, intent);
  try {
    return await gatherObserved(world, all, deadlineMs);
  } catch (error) {
    if (services === undefined || !(error instanceof StatusError) || error.httpStatus !== 403) throw error;
    return gatherObserved(world, intent, deadlineMs);
  }
}

const isChosen = ({ services }: TargetIntent, { service }: ServiceWeights): boolean =>
  services === undefined || services.includes(service.name);

/** Those without direct access bind nodes: no weight is of one pod there, and what they send is counted in the pod alone. */
const bindsPods = ({ service }: ServiceWeights): boolean => service.annotations[TKE.directAccess] === 'true';

/** Pods that a Service left out by --service no longer wants, and to which its load balancer still sends. */
const weightsShown = (bindingsOfOthers: readonly PodBinding[], pods: readonly PodFacts[]): string[] =>
  bindingsOfOthers
    .filter(({ pod }) => pods.some(({ uid }) => uid === pod.uid))
    .flatMap(({ pod, balancer, service, bindings }) => {
      const sending = bindings.find(({ weight }) => weight !== 0);
      if (sending === undefined) return [];
      return [`${balancer.id} shows ${pod.name} at weight ${sending.weight} for service/${service.name}`];
    });

const weightsGiven = ({ set }: Facts, { service, current }: ServiceWeights, pods: readonly PodFacts[]): string[] =>
  pods
    .filter((pod) => selects(service, pod))
    .flatMap((pod) =>
      portKeys(service).flatMap((key) => {
        const weight = wantedWeight(current?.document, key, set.name, pod.ordinal);
        return weight === 0
          ? []
          : `the annotation of service/${service.name} gives ${pod.name} weight ${weight} on ${keyText(key)}`;
      }),
    );
