/** Counts what would go on serving, as the load balancer sees it, and holds it against the floor. */

import type { Refusal } from '../errors.ts';
import { isServing, type PodBinding, where } from '../facts/backends.ts';
import type { Facts } from '../facts/facts.ts';
import { ordinalSet } from '../target/ordinals.ts';
import { belowFloor, type FloorWish, floorFor } from './floor.ts';

/**
 * Refuses when draining `drainSet` would leave fewer than the floor on any listener of any Service.
 * `returning`: ordinals whose weight comes back in the same write; they count if they are healthy. `coming`: ordinals that
 * are not there yet, and are taken for serving everywhere: a plan surges before it drains.
 */
export function floorRefusals(
  facts: Facts,
  bindings: readonly PodBinding[],
  drainSet: readonly number[],
  wish: FloorWish,
  returning: readonly number[] = [],
  coming: readonly number[] = [],
): Refusal[] {
  const floor = floorFor(wish, facts.set.replicas + coming.length);
  return belowFloor(
    [...placesOf(bindings)].map(([place, here]) => ({
      where: place,
      floor,
      serving: ordinalSet([
        ...coming,
        ...here
          .filter((binding) => !drainSet.includes(binding.pod.ordinal) && !binding.pod.terminating)
          .filter((binding) => isServing(binding) || (returning.includes(binding.pod.ordinal) && isHealthy(binding)))
          .map((binding) => binding.pod.ordinal),
      ]),
    })),
  );
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
