/** The parts of a step that a script need not do again when it is run a second time. */

import type { Facts } from '../facts/facts.ts';
import { isOutdated, notServingBecause, podAt } from '../target/pod.ts';
import { isRestartedSince } from '../target/restart.ts';
import { ordinalsOf } from '../target/stateful-set-facts.ts';
import { surplusOrdinals } from '../target/surplus.ts';

/**
 * The ordinals for which there is something left to do: all but those that are updated, well and not drained, and those that
 * the StatefulSet does not have. A surplus ordinal goes away at the end, so that it is never done while it is there.
 */
export function notDone({ set, pods, drainSet }: Facts, ordinals: readonly number[]): readonly number[] {
  const surplus = surplusOrdinals(set);
  const there = ordinalsOf(set);
  return ordinals.filter((ordinal) => {
    if (!there.includes(ordinal)) return false;
    if (surplus.includes(ordinal) || drainSet.includes(ordinal)) return true;
    const pod = podAt(pods, ordinal);
    return notServingBecause(pod, set) !== undefined;
  });
}

/** Whether nothing is left to upgrade: the template has these images and this restart, and every pod that stays runs it. */
export function isUpgraded(
  { set, pods }: Facts,
  images: Readonly<Record<string, string>>,
  restartedAt: string | undefined,
): boolean {
  const surplus = surplusOrdinals(set);
  return (
    (restartedAt === undefined || isRestartedSince(set, restartedAt)) &&
    Object.entries(images).every(([container, image]) => set.images[container] === image) &&
    pods.every((pod) => surplus.includes(pod.ordinal) || !isOutdated(pod, set))
  );
}
