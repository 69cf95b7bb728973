/** The first thing that restore does while a surge is on: every pod that stays gets its weight back, independent of the surplus. */

import type { RestoreIntent } from '../../core/intent/intent.ts';
import { serviceResults } from '../../core/outcome/build-outcome.ts';
import type { ObjectResult } from '../../core/outcome/outcome.ts';
import { ordinalsText, union, without } from '../../core/target/ordinals.ts';
import { formerReplicas, surplusOrdinals } from '../../core/target/surplus.ts';
import { changes, planReleaseBeside } from '../../core/weights/plan-weights.ts';
import type { World } from '../../ports.ts';
import { retryConflict } from '../guard/retry-conflict.ts';
import { writeEvent } from '../guard/write-event.ts';
import { gather } from '../target/gather.ts';
import { applyWeights } from '../weights/write-weights.ts';

/** Surplus ordinals that are at 0 stay there: with traffic they would never come to zero. Writes nothing where no surge is on. */
export function releaseRegular(world: World, intent: RestoreIntent): Promise<ObjectResult[]> {
  return retryConflict(world, `statefulset/${intent.name}: a Service`, async () => {
    const facts = await gather(world, intent);
    if (formerReplicas(facts.set) === undefined) return [];
    const surplus = surplusOrdinals(facts.set);
    const back = without(union(facts.drainSet, facts.canaries.keys()), surplus);
    const plan = back.length === 0 ? [] : planReleaseBeside(facts, surplus);
    if (changes(plan).length === 0) return [];
    await applyWeights(world, plan, intent.dryRun);
    if (intent.dryRun === 'none')
      await writeEvent(world, facts.set, 'ZerolossRestored', `weights back for ${ordinalsText(back)}`, {
        weights: [{ ordinals: back }],
      });
    return serviceResults(facts, plan, 'restored', ordinalsText(back));
  });
}
