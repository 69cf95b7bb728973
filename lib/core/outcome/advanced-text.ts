/** The sentence of `advance`, for people: the batch that is next, or that nothing is left. Pure. */

import type { Facts } from '../facts/facts.ts';
import { surplusLeftText } from '../plan/advance-choice.ts';
import { ordinalsText, union, without } from '../target/ordinals.ts';
import { surplusOrdinals } from '../target/surplus.ts';

/** `next`: all that is at 0 now; `stay`: those of it that only stay there; `leftOut`: a line for each pod that is terminating and in no batch. */
export function advancedText(
  facts: Facts,
  { next, stay, leftOut }: { next: readonly number[]; stay: readonly number[]; leftOut: readonly string[] },
  nothingLeft: boolean,
): string {
  const { set } = facts;
  const surplus = surplusLeftText(facts);
  if (nothingLeft && leftOut.length > 0)
    return `nothing else is left to advance to: every other pod is updated${surplus}`;
  if (nothingLeft) return `nothing is left to advance to: every pod is updated${surplus}`;
  if (next.length === 0) return 'the batch has traffic again; no next one was named';
  // Surplus pods that are kept dark are at 0 beside the batch; alone they are the end of the surge.
  const batch = without(next, union(surplusOrdinals(set), stay));
  if (batch.length > 0) return `${ordinalsText(batch)} next, outdated`;
  return `every pod is updated; ${ordinalsText(without(next, stay))} next, surplus`;
}
