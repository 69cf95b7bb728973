/** The ends of an upgrade: what is updated is looked at once more. At the last one the bookkeeping of the way back is removed. */

import type { Facts } from '../../core/facts/facts.ts';
import { outcome } from '../../core/outcome/build-outcome.ts';
import { byHandAdvice } from '../../core/outcome/by-hand-advice.ts';
import type { Outcome } from '../../core/outcome/outcome.ts';
import { pausePlace } from '../../core/plan/pause-at.ts';
import { RESTARTED_AT } from '../../core/target/restart.ts';
import { lines, own } from '../../core/values/command.ts';
import { retryConflict } from '../guard/retry-conflict.ts';
import { writeEvent } from '../guard/write-event.ts';
import { findWayBack } from '../target/find-way-back.ts';
import { lookAgain } from './look-again.ts';
import { observeUpdated } from './observe-updated.ts';
import type { Run } from './run.ts';
import { forgetFormerRevision } from './set-image.ts';
import { stateText } from './stopped-upgrade.ts';

/** Throws what verify throws. */
export async function finished(run: Run, facts: Facts): Promise<Outcome> {
  const { world, intent, results } = run;
  await observeUpdated(run, facts);
  await retryConflict(world, `statefulset/${intent.name}`, async () => {
    const { set } = await lookAgain(run);
    await forgetFormerRevision(world, set);
  });
  const done = messageOf(run, facts);
  const already = { object: `statefulset/${facts.set.name}`, action: 'already upgraded', changed: false };
  return outcome('upgrade', facts, intent, {
    results: results.length === 0 ? [already] : results,
    message: facts.byHand.length === 0 ? done : lines(done, byHandAdvice(facts.set.name, facts.byHand)),
  });
}

/**
 * As many pods are updated as this run was asked for: nothing is drained, and a surge stays for the rest. Throws what verify
 * throws.
 */
export async function pauseReached(run: Run, facts: Facts): Promise<Outcome> {
  const { world, intent, results } = run;
  const { set } = facts;
  if (intent.dryRun === 'none') await observeUpdated(run, facts);
  const { updated, all, at } = pausePlace(facts, intent.pauseAt);
  const message = `paused, as asked for by --pause-at, at ${at} of ${all} pods: ${stateText(facts)}`;
  if (results.length > 0) await writeEvent(world, set, 'ZerolossPauseReached', message);
  const already = { object: `statefulset/${set.name}`, action: 'already at the pause', changed: false };
  const back = await findWayBack(world, facts);
  return outcome('upgrade', facts, intent, {
    results: results.length === 0 ? [already] : results,
    paused: true as const,
    message,
    details: { updated, pods: all, pauseAt: at },
    next: [
      own('upgrade', set.name).note('goes on'),
      ...(back === undefined ? [] : [back.command.note('the way back')]),
    ],
  });
}

function messageOf({ intent }: Run, { set, byHand }: Facts): string {
  if (set.replicas === 0) return 'there are no replicas, so no pod to upgrade';
  const restart = set.templateAnnotations[RESTARTED_AT] === intent.restartedAt ? intent.restartedAt : undefined;
  const another = intent.restartOf === undefined ? ', the same command begins another' : '';
  const begun = restart === undefined ? '' : `; the restart of ${restart} is complete${another}`;
  const traffic =
    byHand.length === 0 ? 'and under traffic' : 'and, but for one that was drained by hand, under traffic';
  return `every pod is updated, ready ${traffic}${begun}`;
}
