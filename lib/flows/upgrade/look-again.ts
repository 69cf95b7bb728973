/** The target as it is at each step of an upgrade, compared with what the step before left. */
import type { Facts } from '../../core/facts/facts.ts';
import { deadlineOf } from '../guard/deadline.ts';
import { warnOfLeftBehind } from '../target/orphaned-weights.ts';
import { knownOf, refuseForeignChanges } from './foreign-changes.ts';
import { gatherObserved } from './limited-steps.ts';
import type { Run } from './run.ts';

/** Throws ConflictError where another writer has changed an object that this run relies on. */
export async function lookAgain(run: Run): Promise<Facts> {
  const { world, intent, known } = run;
  const facts = await gatherObserved(world, intent, deadlineOf(world, intent));
  warnOfLeftBehind(world, facts);
  if (known !== undefined) await refuseForeignChanges(world, known, facts, intent.images);
  run.known = knownOf(facts, intent.images);
  return facts;
}
