/** The rule for a window whose places are taken by pods that somebody else keeps at weight 0: no wait ends that. */

import type { Refusal } from '../refusal.ts';
import { formatOrdinals, ordinalSet, ordinalsText } from '../target/ordinals.ts';
import { own } from '../values/command.ts';
import { isOut, type SeenPod } from './place.ts';

/** `seen`: every ordinal but the surplus, once nothing of it is on its way. Empty where a place is free, or others have taken them all. */
export function fullRule(statefulSet: string, seen: readonly SeenPod[], size: number): Refusal[] {
  const kept = ordinalSet(seen.filter(({ keptAtZero }) => keptAtZero).map(({ ordinal }) => ordinal));
  if (kept.length === 0 || seen.filter(isOut).length < size) return [];
  const message = `the window of ${size} is full: ${ordinalsText(kept)} of statefulset/${statefulSet} ${kept.length === 1 ? 'is' : 'are'} at weight 0, drained by hand`;
  const cure = own('restore', statefulSet, formatOrdinals(kept)).note('gives weight there too');
  return [{ rule: 'window-full', message, cure }];
}
