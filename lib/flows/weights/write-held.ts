/** The Event of weights of 0 that `surge` writes before its pods are there, where no Event of a scaling names them. */

import type { Facts } from '../../core/facts/facts.ts';
import { ordinalsText } from '../../core/target/ordinals.ts';
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
