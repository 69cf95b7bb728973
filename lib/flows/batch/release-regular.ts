/** The first thing that restore does while a surge is on: every pod that stays gets its weight back, independent of the surplus. */

import type { RestoreIntent } from '../../core/intent/intent.ts';
import { serviceResults } from '../../core/outcome/build-outcome.ts';
import type { ObjectResult } from '../../core/outcome/outcome.ts';
import { LEAVING_NODES } from '../../core/target/leaving-nodes.ts';
import { ordinalsText, union, without } from '../../core/target/ordinals.ts';
import { formerReplicas, surplusOrdinals } from '../../core/target/surplus.ts';
import { changes, planReleaseBeside } from '../../core/weights/plan-weights.ts';
import type { World } from '../../ports.ts';
import { retryConflict } from '../guard/retry-conflict.ts';
import { withResults } from '../guard/with-results.ts';
import { writeEvent } from '../guard/write-event.ts';
import { gather } from '../target/gather.ts';
import { forgetFormerRevision } from '../upgrade/set-image.ts';
import { movesOf } from '../weights/moves.ts';
import { applyWeights } from '../weights/write-weights.ts';

/**
 * Surplus ordinals that are at 0 stay there: with traffic they would never come to zero. Pods that are given back stay where they
 * are, so that their nodes are no longer to be emptied. Writes nothing where no surge is on.
 */
export async function releaseRegular(world: World, intent: RestoreIntent): Promise<ObjectResult[]> {
  const released = await releaseWeights(world, intent);
  return withResults(
    () => released,
    async () => [...released, ...(await keepNodes(world, intent))],
  );
}

async function keepNodes(world: World, intent: RestoreIntent): Promise<ObjectResult[]> {
  // The end of restore shows it: after a dry run the note is still there.
  if (intent.dryRun !== 'none') return [];
  return retryConflict(world, `statefulset/${intent.name}`, async () => {
    const { set } = await gather(world, intent);
    if (formerReplicas(set) === undefined || set.annotations[LEAVING_NODES] === undefined) return [];
    await forgetFormerRevision(world, set, intent.dryRun, [LEAVING_NODES]);
    const note = 'no node is to be emptied';
    return [{ object: `statefulset/${set.name}`, action: 'bookkeeping removed', changed: true, note }];
  });
}

function releaseWeights(world: World, intent: RestoreIntent): Promise<ObjectResult[]> {
  const moves = movesOf();
  return retryConflict(world, `statefulset/${intent.name}: a Service`, async (earlier) => {
    const facts = await gather(world, intent);
    if (formerReplicas(facts.set) === undefined) return [];
    const surplus = surplusOrdinals(facts.set);
    const held = without(union(facts.drainSet, facts.canaries.keys()), surplus);
    const { back } = moves(earlier, { back: held, drained: [] }, []);
    const release = back.length === 0 ? [] : planReleaseBeside(facts, surplus);
    if (changes(release).length === 0 && earlier.length === 0) return [];
    const plan = await applyWeights(world, release, intent.dryRun, earlier);
    if (intent.dryRun === 'none')
      await writeEvent(world, facts.set, 'ZerolossRestored', `weights back for ${ordinalsText(back)}`, {
        weights: [{ ordinals: back }],
      });
    return serviceResults(facts, plan, 'restored', ordinalsText(back));
  });
}
