/** After a scale-in: a weight of 0 of an ordinal that is gone would keep the pod of the next scale-out without traffic from its birth. */

import type { TargetIntent } from '../../core/intent/intent.ts';
import { serviceResults } from '../../core/outcome/build-outcome.ts';
import type { ObjectResult } from '../../core/outcome/outcome.ts';
import { ordinalsText, union, without } from '../../core/target/ordinals.ts';
import { ordinalsOf } from '../../core/target/stateful-set-facts.ts';
import { changes, planRelease } from '../../core/weights/plan-weights.ts';
import type { World } from '../../ports.ts';
import { retryConflict } from '../guard/retry-conflict.ts';
import { writeEvent } from '../guard/write-event.ts';
import { gather } from '../target/gather.ts';
import { movesOf } from '../weights/moves.ts';
import { applyWeights } from '../weights/write-weights.ts';

/**
 * Removes the weights of ordinals that the StatefulSet no longer has, and whose pods are gone. Writes nothing where there are none.
 * `taken`: the ordinals that this scale-in took. Of all others, those that somebody has held at 0 by hand, for pods to come, stay.
 */
export function releaseGone(world: World, intent: TargetIntent, taken: readonly number[]): Promise<ObjectResult[]> {
  const moves = movesOf();
  return retryConflict(world, `statefulset/${intent.name}: a Service`, async (earlier) => {
    const facts = await gather(world, intent);
    const present = facts.pods.map((pod) => pod.ordinal);
    const ours = without(union(facts.drainSet, facts.canaries.keys()), without(facts.byHand, taken));
    const gone = without(ours, union(ordinalsOf(facts.set), present));
    if (gone.length === 0 && earlier.length === 0) return [];
    const { back } = moves(earlier, { back: gone, drained: [] }, []);
    // Of ordinals that a round before has released nothing is left to plan.
    const plan = await applyWeights(world, planRelease(facts, back), intent.dryRun, earlier);
    if (changes(plan).length === 0) return [];
    await writeEvent(world, facts.set, 'ZerolossRestored', `weights of ${ordinalsText(back)}, scaled away, removed`);
    return serviceResults(facts, plan, 'cleared', ordinalsText(back)).filter(({ changed }) => changed);
  });
}
