/** The Event of a write that gives weights back and drains others: the same sentence from `advance`, its window and the loop of `upgrade`. */

import { formatOrdinals } from '../../core/target/ordinals.ts';
import type { StatefulSetFacts } from '../../core/target/stateful-set-facts.ts';
import type { World } from '../../ports.ts';
import { writeEvent } from '../guard/write-event.ts';

export interface AdvancedWeights {
  back: readonly number[];
  /** Drained by this write. */
  drained: readonly number[];
  /** The whole drain set after it. */
  zeros: readonly number[];
}

export async function writeAdvanced(
  world: World,
  set: StatefulSetFacts,
  { back, drained, zeros }: AdvancedWeights,
): Promise<void> {
  const text = `weights back for ${formatOrdinals(back) || 'none'}, weight 0 for ${formatOrdinals(drained) || 'none'}`;
  const weights = [{ ordinals: back }, { ordinals: zeros, weight: 0 }].filter(({ ordinals }) => ordinals.length > 0);
  await writeEvent(world, set, 'ZerolossAdvanced', text, { weights });
}
