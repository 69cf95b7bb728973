/** Services that lead to one pod alone: no floor can hold there, for its clients have nowhere to go until that pod is back. */

import type { Refusal } from '../errors.ts';
import type { Facts, ServiceWeights } from '../facts/facts.ts';
import { selectionText } from '../facts/selection.ts';
import { intersection, without } from '../target/ordinals.ts';
import { kubectl } from '../values/command.ts';

/** The Services on which a drain of these ordinals takes weight away, each with the pods that lose it. */
export const losing = (
  { services }: Facts,
  drainSet: readonly number[],
): { weights: ServiceWeights; ordinals: number[] }[] =>
  services.flatMap((weights) => {
    const ordinals = without(drainSet.filter(weights.selection.reaches), weights.drained.all);
    return ordinals.length === 0 ? [] : [{ weights, ordinals }];
  });

/** Whether the Service selects one pod of several. Of a StatefulSet of one pod the floor says enough. */
export const isForOne = ({ selection }: ServiceWeights): boolean => selection.now.length === 1 && !selection.isWhole;

/** The Services whose only pod loses its weight with this drain. */
export const leftAlone = (facts: Facts, drainSet: readonly number[]): ServiceWeights[] =>
  losing(facts, drainSet)
    .filter(({ weights, ordinals }) => isForOne(weights) && intersection(weights.selection.now, ordinals).length > 0)
    .map(({ weights }) => weights);

/** The effect of the drain on the clients of such a Service. */
export const aloneText = ({ set }: Facts, { service, selection }: ServiceWeights): string =>
  `service/${service.name} selects ${selectionText(selection, set.name)} alone: its clients have nowhere to go until that pod is back`;

/** One refusal for each such Service that the operator has not named. */
export const aloneRefusals = (
  facts: Facts,
  drainSet: readonly number[],
  allowed: readonly string[] | undefined,
): Refusal[] =>
  leftAlone(facts, drainSet)
    .filter(({ service }) => allowed?.includes(service.name) !== true)
    .map((weights) => ({
      rule: 'alone',
      message: aloneText(facts, weights),
      override: `--allow-alone ${weights.service.name}`,
    }));

/** Pods that no Service leads to: there is no weight that takes them out, and no load balancer that could show it. */
export function reachRule({ set, pods, services }: Facts, ordinals: readonly number[]): Refusal[] {
  const lost = ordinals.filter((ordinal) => !services.some(({ selection }) => selection.reaches(ordinal)));
  if (services.length === 0 || lost.length === 0) return [];
  const names = lost.map((ordinal) => `${set.name}-${ordinal}`);
  const shown = pods.some(({ ordinal }) => lost.includes(ordinal)) ? names : [];
  return [
    {
      rule: 'service-found',
      message: `no Service of type LoadBalancer selects ${names.join(', ')}: there is no load balancer to take ${names.length === 1 ? 'it' : 'them'} out of`,
      cure: kubectl('get', 'pods', ...shown, '--show-labels').note(
        'compare them with SELECTOR of the Services (-o wide)',
      ),
    },
  ];
}
