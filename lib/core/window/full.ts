/** The rule for a window whose places are taken by pods that somebody else keeps at weight 0: no wait ends that. */

import type { Facts } from '../facts/facts.ts';
import type { UpgradePlan } from '../plan/upgrade-plan.ts';
import type { Refusal } from '../refusal.ts';
import { formatOrdinals, intersection, ordinalSet, ordinalsText, without } from '../target/ordinals.ts';
import { ordinalsOf } from '../target/stateful-set-facts.ts';
import { surplusOrdinals } from '../target/surplus.ts';
import { own } from '../values/command.ts';
import { isOut, type SeenPod } from './place.ts';

/** `seen`: every ordinal but the surplus, once nothing of it is on its way. Empty where a place is free, or others have taken them all. */
export function fullRule(statefulSet: string, seen: readonly SeenPod[], size: number): Refusal[] {
  const kept = ordinalSet(seen.filter(({ keptAtZero }) => keptAtZero).map(({ ordinal }) => ordinal));
  return seen.filter(isOut).length < size ? [] : full(statefulSet, kept, size);
}

/**
 * The same before the first step: pods that are at 0 by hand keep their places once they are updated, too. Empty for a plan by
 * batches, and where nothing else is to be drained.
 */
export function foreseenFull(
  { set, byHand }: Pick<Facts, 'set' | 'byHand'>,
  { batches, window }: Pick<UpgradePlan, 'batches' | 'window'>,
): Refusal[] {
  const kept = intersection(byHand, without(ordinalsOf(set), surplusOrdinals(set)));
  if (window === undefined || kept.length < window.maxUnavailable || without(batches.flat(), kept).length === 0)
    return [];
  return full(set.name, kept, window.maxUnavailable);
}

function full(statefulSet: string, kept: readonly number[], size: number): Refusal[] {
  if (kept.length === 0) return [];
  const message = `the window of ${size} is full: ${ordinalsText(kept)} of statefulset/${statefulSet} ${kept.length === 1 ? 'is' : 'are'} at weight 0, drained by hand`;
  const cure = own('restore', statefulSet, formatOrdinals(kept)).note('gives weight there too');
  return [{ rule: 'window-full', message, cure }];
}
