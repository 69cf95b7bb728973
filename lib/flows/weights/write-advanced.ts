/** The Event of a write that gives weights back and drains others: the same sentence from `advance`, its window and the loop of `upgrade`. */

import { ordinalsText } from '../../core/target/ordinals.ts';
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
  const parts = [
    ...(back.length === 0 ? [] : [`weights back for ${ordinalsText(back)}`]),
    ...(drained.length === 0 ? [] : [`weight 0 for ${ordinalsText(drained)}`]),
  ];
  // Ordinals that were at 0 on one Service and not on another are no new drain, and were written all the same.
  if (parts.length === 0) parts.push(`weight 0 for ${ordinalsText(zeros)}`);
  const weights = [{ ordinals: back }, { ordinals: zeros, weight: 0 }].filter(({ ordinals }) => ordinals.length > 0);
  // The first write of a window gives nothing back: it is a drain.
  await writeEvent(world, set, back.length === 0 ? 'ZerolossDrained' : 'ZerolossAdvanced', parts.join(', '), {
    weights,
  });
}
