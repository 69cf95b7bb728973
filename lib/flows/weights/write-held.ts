/** The results and the Event of weights of 0 that `surge` writes before its pods are there, where no Event of a scaling names them. */

import type { DoneResult } from '../../core/errors.ts';
import type { Facts } from '../../core/facts/facts.ts';
import { serviceResults } from '../../core/outcome/build-outcome.ts';
import type { ObjectResult } from '../../core/outcome/outcome.ts';
import { intersection, ordinalsText } from '../../core/target/ordinals.ts';
import { concerned, type WeightChange } from '../../core/weights/plan-weights.ts';
import type { World } from '../../ports.ts';
import { writeEvent } from '../guard/write-event.ts';

/** The weights of 0 that were written before the scaling, which may fail, or be there already. */
export interface WrittenHold {
  facts?: Facts;
  held: readonly number[];
}

/** They are a drain of pods that are not there yet, and leave its Event. */
export async function writeHeld(world: World, { facts, held }: WrittenHold): Promise<void> {
  if (facts === undefined || held.length === 0) return;
  const details = { weights: [{ ordinals: held, weight: 0 }] };
  await writeEvent(world, facts.set, 'ZerolossDrained', `weight 0 for surplus ${ordinalsText(held)}`, details);
}

/**
 * A surplus pod that is there already keeps the weight that it has: no Service is written for it. `earlier`: what this run has
 * written in rounds that a conflict ended; the pods may have come since.
 */
export function heldResults(
  facts: Facts,
  plan: readonly WeightChange[],
  unborn: readonly number[],
  earlier: readonly DoneResult[],
): ObjectResult[] {
  const now = serviceResults(facts, concerned(facts, plan, unborn), 'drained', ({ held }) =>
    ordinalsText(intersection(unborn, held)),
  );
  return [...earlier.filter((one) => !now.some(({ object }) => object === one.object)), ...now];
}
