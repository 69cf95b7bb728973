/** The order of the writes where one alone could show fewer pods than the floor: the weights that come back, and then the drain. */

import { ConflictError } from '../../core/errors.ts';
import type { Facts } from '../../core/facts/facts.ts';
import type { TargetIntent } from '../../core/intent/intent.ts';
import { serviceResults } from '../../core/outcome/build-outcome.ts';
import type { ObjectResult } from '../../core/outcome/outcome.ts';
import { intersection, ordinalsText, union } from '../../core/target/ordinals.ts';
import { lines, own } from '../../core/values/command.ts';
import { way } from '../../core/values/way.ts';
import { changes, type WeightChange } from '../../core/weights/plan-weights.ts';
import type { World } from '../../ports.ts';
import { withResults } from '../guard/with-results.ts';
import { confirmWeights } from '../weights/confirm-weights.ts';

interface BackStep {
  facts: Facts;
  choice: { back: readonly number[] };
  plan: readonly WeightChange[];
  /** The weights that come back are written, and the drain is a write of its own, after the load balancer shows them. */
  drainsLater: boolean;
}

/**
 * Writes until no drain is left for later: a pod that becomes ready while the load balancers are waited for comes back first, too.
 * Returns the last step, and everything that came back. A dry run makes one step. Throws ConflictError where another writer takes a
 * weight again that this has given back, and what `write` and the wait throw, with what is written.
 */
export async function writeBackFirst<Step extends BackStep>(
  world: World,
  intent: TargetIntent,
  deadlineMs: number,
  write: () => Promise<Step>,
): Promise<{ last: Step; back: readonly number[]; hasWritten: boolean }> {
  const restored: ObjectResult[] = [];
  let back: readonly number[] = [];
  let hasWritten = false;
  for (let last = await write(); ; ) {
    const { choice, facts, plan, drainsLater } = last;
    const again = intersection(back, choice.back);
    back = union(back, choice.back);
    hasWritten ||= changes(plan).length > 0;
    if (!drainsLater || intent.dryRun !== 'none') return { last, back, hasWritten };
    const ordinals = ordinalsText(choice.back);
    restored.push(...serviceResults(facts, plan, 'restored', ordinals));
    if (again.length > 0) throw takenAgain(facts.set.name, again).inWhole({ results: restored });
    world.report.progress(
      `weights back for ${ordinals} first: with both in one write, fewer pods than the floor could serve for a moment`,
    );
    last = await withResults(
      () => restored,
      async () => {
        await confirmWeights(world, intent, choice.back, deadlineMs);
        return write();
      },
    );
  }
}

const takenAgain = (statefulSet: string, again: readonly number[]): ConflictError =>
  new ConflictError(
    `another writer takes the weight of ${ordinalsText(again)} of statefulset/${statefulSet} again, which this command has given back: nothing is drained`,
    lines(own('status', statefulSet).note('shows each pod'), way('on', 'the same command goes on')),
  );
