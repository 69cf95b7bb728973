/** Counts the backends that would go on serving, as the load balancer shows them, and compares the number with the floor. */

import type { Refusal } from '../errors.ts';
import { isServing, type PodBinding, where } from '../facts/backends.ts';
import type { Facts } from '../facts/facts.ts';
import { formatOrdinals, ordinalSet, union, without } from '../target/ordinals.ts';
import { ordinalsOf } from '../target/stateful-set-facts.ts';
import { own } from '../values/command.ts';
import { isForOne, losing } from './alone.ts';
import { belowFloor, type FloorCase, type FloorWish, floorAmong, floorFor } from './floor.ts';

/**
 * Refuses when draining `drainSet` would leave fewer than the floor on any listener of any Service.
 * `returning`: ordinals whose weight comes back in the same write; they count if they are healthy. `coming`: ordinals that
 * are not there yet, or without traffic, and are taken for serving wherever they will be selected: a plan surges before it drains. A Service that
 * leads to one pod alone has no floor; another that leads to some of the pods has one of its own size.
 */
export function floorRefusals(
  facts: Facts,
  bindings: readonly PodBinding[],
  drainSet: readonly number[],
  wish: FloorWish,
  returning: readonly number[] = [],
  coming: readonly number[] = [],
): Refusal[] {
  return belowFloor(floorCases(facts, bindings, drainSet, wish, returning, coming));
}

/** The backends that keep serving with `drainSet` at 0, where they are fewest; 0 where a listener has none. Services for one pod alone do not count. */
export const leastServing = (
  facts: Facts,
  bindings: readonly PodBinding[],
  drainSet: readonly number[],
  returning: readonly number[],
): number =>
  Math.min(
    facts.set.replicas,
    ...floorCases(facts, bindings, drainSet, { asked: undefined, budget: undefined }, returning).map(
      ({ serving }) => serving.length,
    ),
  );

/** As floorRefusals takes them. */
function floorCases(
  facts: Facts,
  bindings: readonly PodBinding[],
  drainSet: readonly number[],
  wish: FloorWish,
  returning: readonly number[],
  coming: readonly number[] = [],
): FloorCase[] {
  const among = new Map(
    losing(facts, drainSet)
      .filter(({ weights }) => !isForOne(weights))
      .map(({ weights }) => [weights.service.name, weights.selection]),
  );
  return [...placesOf(bindings.filter(({ service }) => among.has(service.name)))].map(([place, here]) => {
    const selection = among.get(here[0]?.service.name ?? '');
    const born = coming.filter((ordinal) => selection?.reaches(ordinal));
    return {
      where: place,
      floor:
        selection === undefined || selection.isWhole
          ? floorFor(wish, facts.set.replicas + without(born, ordinalsOf(facts.set)).length)
          : floorAmong(wish, union(selection.now, born).length),
      leaving: ordinalSet(
        here
          .filter((each) => drainSet.includes(each.pod.ordinal) && !each.pod.terminating && isServing(each))
          .map((each) => each.pod.ordinal),
      ),
      serving: ordinalSet([
        ...born,
        ...here
          .filter((binding) => !drainSet.includes(binding.pod.ordinal) && !binding.pod.terminating)
          .filter((binding) => isServing(binding) || (returning.includes(binding.pod.ordinal) && isHealthy(binding)))
          .map((binding) => binding.pod.ordinal),
      ]),
    };
  });
}

/** The same for a drain of `fresh` beside what is drained, each with the largest first part of it that the floor allows as its cure. */
export function drainFloorRefusals(
  facts: Facts,
  bindings: readonly PodBinding[],
  { drained, fresh }: { drained: readonly number[]; fresh: readonly number[] },
  wish: FloorWish,
): Refusal[] {
  return withFewer(
    fresh.length,
    (count) => floorRefusals(facts, bindings, union(drained, fresh.slice(0, count)), wish),
    (most) =>
      own('drain', facts.set.name, formatOrdinals(fresh.slice(0, most))).note('as many as the floor allows now'),
  );
}

/** The refusals `of` all, each with the cure for the largest number that is not refused; without one where even a single pod is. */
export function withFewer(
  all: number,
  of: (count: number) => Refusal[],
  cureFor: (most: number) => NonNullable<Refusal['cure']>,
): Refusal[] {
  const refusals = of(all);
  if (refusals.length === 0) return [];
  // Fewer drained pods never leave fewer that serve, so the first number that is too large is found by halving.
  let [most, tooMany] = [0, all];
  while (tooMany - most > 1) {
    const middle = Math.floor((most + tooMany) / 2);
    if (of(middle).length === 0) most = middle;
    else tooMany = middle;
  }
  if (most === 0) return refusals;
  const cure = cureFor(most);
  return refusals.map((refusal) => ({ ...refusal, cure }));
}

/** By Service, port and listener, for people. */
const placesOf = (bindings: readonly PodBinding[]): Map<string, PodBinding[]> =>
  Map.groupBy(
    bindings,
    (binding) =>
      `${where(binding)}${binding.listener === undefined ? '' : ` (${binding.balancer.id} ${binding.listener.protocol}/${binding.listener.port})`}`,
  );

/** The places at which nothing serves, or nothing will with `drainSet` at 0. */
export const silentPlaces = (bindings: readonly PodBinding[], drainSet: readonly number[]): string[] =>
  [...placesOf(bindings)]
    .filter(([, here]) => !here.some((each) => isServing(each) && !drainSet.includes(each.pod.ordinal)))
    .map(([place]) => place);

export const isHealthy = (binding: PodBinding): boolean =>
  binding.bindings.length > 0 &&
  binding.bindings.every((backend) => backend.health === 'alive' || backend.health === 'off');

/** The bindings of the Services that a drain takes weight from, but for those that lead to one pod alone. */
export function judged(facts: Facts, bindings: readonly PodBinding[], drainSet: readonly number[]): PodBinding[] {
  const names = losing(facts, drainSet)
    .filter(({ weights }) => !isForOne(weights))
    .map(({ weights }) => weights.service.name);
  return bindings.filter(({ service }) => names.includes(service.name));
}
