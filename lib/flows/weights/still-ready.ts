/** Pods whose weight comes back, judged anew: between the look that chose them and the write a gate may have been asked, or the cloud. */

import { isPassing } from '../../core/errors.ts';
import type { Facts } from '../../core/facts/facts.ts';
import { bindingsOfPod, type Observation } from '../../core/facts/observation.ts';
import type { TargetIntent } from '../../core/intent/intent.ts';
import { podAt } from '../../core/target/pod.ts';
import { outSince, type SeenPod } from '../../core/window/place.ts';
import { isStillReady } from '../../core/window/place-of.ts';
import type { World } from '../../ports.ts';
import { gather } from '../target/gather.ts';
import { observe } from '../target/observe.ts';

/** Of these ordinals those that are updated, ready and healthy. `observation` undefined: no health is known, and none speaks against them. */
const readyOf = (facts: Facts, observation: Observation | undefined, ordinals: readonly number[]): number[] =>
  ordinals.filter((ordinal) => {
    const pod = podAt(facts.pods, ordinal);
    const bindings = pod === undefined || observation === undefined ? [] : bindingsOfPod(observation, pod);
    return isStillReady(pod, facts.set, bindings);
  });

/** Whether a write may still rest on this look: every pod of `restore` is well, and no other pod has gone out since. */
export const lookHolds =
  (seen: readonly SeenPod[], restore: readonly number[]) =>
  (now: Facts, observation: Observation): boolean =>
    outSince(seen, now).length === 0 && readyOf(now, observation, restore).length === restore.length;

/** Of these ordinals those that are still well, by a look of its own. Weights do not wait for a cloud that does not answer. */
export async function stillReady(world: World, intent: TargetIntent, ordinals: readonly number[]): Promise<number[]> {
  const facts = await gather(world, intent);
  try {
    return readyOf(facts, await observe(world, facts), ordinals);
  } catch (error) {
    if (world.signal.aborted || !isPassing(error)) throw error;
    return readyOf(facts, undefined, ordinals);
  }
}
