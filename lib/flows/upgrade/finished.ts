/** The end of an upgrade: what is updated is looked at once more, and the bookkeeping of the way back is removed. */

import type { Facts } from '../../core/facts/facts.ts';
import { outcome } from '../../core/outcome/build-outcome.ts';
import type { Outcome } from '../../core/outcome/outcome.ts';
import { restartOn } from '../../core/target/restart.ts';
import { retryConflict } from '../guard/retry-conflict.ts';
import { lookAgain } from './look-again.ts';
import { observeUpdated } from './observe-updated.ts';
import type { Run } from './run.ts';
import { forgetFormerRevision } from './set-image.ts';

/** Throws what verify throws. */
export async function finished(run: Run, facts: Facts): Promise<Outcome> {
  const { world, intent, results } = run;
  await observeUpdated(run, facts);
  await retryConflict(world, `statefulset/${intent.name}`, async () => {
    const { set } = await lookAgain(run);
    await forgetFormerRevision(world, set);
  });
  const already = { object: `statefulset/${facts.set.name}`, action: 'already upgraded', changed: false };
  return outcome('upgrade', facts, intent, {
    results: results.length === 0 ? [already] : results,
    message: messageOf(run, facts),
  });
}

function messageOf({ intent }: Run, { set }: Facts): string {
  if (set.replicas === 0) return 'there are no replicas, so no pod to upgrade';
  const restart = intent.restart === true ? restartOn(set) : undefined;
  const begun = restart === undefined ? '' : `; the restart of ${restart} is complete, the same command begins another`;
  return `every pod is updated, ready and under traffic${begun}`;
}
