/** scale: to fewer replicas without a loss: the ordinals that go are drained, seen at zero, and then scaled away. To more replicas it only scales. */

import { ConflictError, NotStartedError, RefusedError } from '../../core/errors.ts';
import type { Facts } from '../../core/facts/facts.ts';
import type { ScaleIntent } from '../../core/intent/intent.ts';
import { outcome } from '../../core/outcome/build-outcome.ts';
import type { ObjectResult, Outcome } from '../../core/outcome/outcome.ts';
import { deletionRule } from '../../core/safety/rules.ts';
import {
  claimsRule,
  deletedClaimsText,
  emptyRule,
  scaledAway,
  scaleFoughtRule,
  surgeOnRule,
} from '../../core/safety/scale-rules.ts';
import { formatOrdinals, ordinalsText } from '../../core/target/ordinals.ts';
import { pausedRule } from '../../core/target/pause.ts';
import { isOfOtherRevision } from '../../core/target/pod.ts';
import { advice, lines, own } from '../../core/values/command.ts';
import { way } from '../../core/values/way.ts';
import type { World } from '../../ports.ts';
import { releaseGone } from '../batch/release-gone.ts';
import { awaitScaledAway, scaleUp } from '../batch/scale-away.ts';
import { shrink } from '../batch/shrink.ts';
import { deadlineOf } from '../guard/deadline.ts';
import { withLease } from '../guard/lease.ts';
import { retryConflict } from '../guard/retry-conflict.ts';
import { withResults } from '../guard/with-results.ts';
import { writeEvent } from '../guard/write-event.ts';
import { readScalers } from '../safety/autoscaler-rule.ts';
import { gatherObserved } from '../target/gather-observed.ts';
import { warnOfLeftBehind } from '../target/orphaned-weights.ts';

/** Throws RefusedError before anything is written, NotYetError at the time-out. The same command goes on from wherever it stopped. */
export function scale(world: World, intent: ScaleIntent): Promise<Outcome> {
  return withLease(world, intent, 'scale', (held) => run(held, intent));
}

/** `agreed`: the loss of volumes, in words, to which the person has said yes. */
async function run(world: World, intent: ScaleIntent, agreed?: string): Promise<Outcome> {
  const deadlineMs = deadlineOf(world, intent);
  const facts = await gatherObserved(world, intent, deadlineMs);
  warnOfLeftBehind(world, facts);
  const { set } = facts;
  const { found, unread } = await readScalers(world, set);
  for (const kind of unread)
    world.report.warn(`cannot be read: ${kind}; whether one of them owns the replicas is unknown`);
  const refusals = [
    ...deletionRule(set),
    ...surgeOnRule(set),
    ...(intent.replicas === set.replicas ? [] : scaleFoughtRule(found)),
    ...emptyRule(set, intent.replicas, intent.minServing),
  ];
  if (refusals.length > 0) throw new RefusedError(refusals);
  if (intent.replicas > set.replicas) return grow(world, intent, facts);
  const going = scaledAway(set, intent.replicas);
  const lost = going.length === 0 ? undefined : await askOfClaims(world, intent, facts, going, agreed);
  // An answer may take an hour: the replicas, their owner and a pause are judged again.
  if (lost !== undefined) return run(world, intent, lost);
  const results: ObjectResult[] = going.length === 0 ? [] : await shrink(world, intent, facts, going, deadlineMs);
  if (intent.dryRun !== 'none') return outcome('scale', facts, intent, { results });
  await withResults(
    () => results,
    async () => {
      const hint = way('on', 'the same command goes on waiting, and then removes their weights of 0');
      const after = await awaitScaledAway(world, intent, {
        ...{ deadlineMs, awaited: () => true, what: 'scaled-away pods', hint },
      });
      results.push(...(await releaseGone(world, intent, going)));
      refuseReturned(after, intent);
    },
  );
  const already = { object: `statefulset/${set.name}`, action: 'already scaled', changed: false };
  return outcome('scale', facts, intent, {
    results: results.length === 0 ? [{ ...already, note: `${set.replicas} replicas` }] : results,
    details: { replicas: intent.replicas, scaledAway: going },
  });
}

/** An ordinal that another writer has scaled out again has kept its weight of 0. Throws ConflictError when the replicas are others than those asked for. */
function refuseReturned({ set, drainSet }: Facts, intent: ScaleIntent): void {
  if (set.replicas === intent.replicas) return;
  const dark = scaledAway(set, intent.replicas).filter((ordinal) => drainSet.includes(ordinal));
  const kept =
    dark.length === 0
      ? ''
      : `; ${ordinalsText(dark)} ${dark.length === 1 ? 'is' : 'are'} back at weight 0 and will get no traffic`;
  throw new ConflictError(
    `statefulset/${set.name} was scaled to ${set.replicas} replicas by another writer meanwhile, not ${intent.replicas}${kept}`,
    dark.length === 0
      ? own('status', set.name)
      : lines(
          advice`to give them traffic: ${own('restore', set.name, formatOrdinals(dark))}`,
          advice`to scale in all the same: ${own('scale', set.name, String(intent.replicas))}`,
        ),
  );
}

/**
 * Volumes are deleted only by a flag of its own, or by a yes at the terminal: returns what was agreed to then. Throws
 * RefusedError while paused, NotStartedError for every other answer.
 */
async function askOfClaims(
  world: World,
  intent: ScaleIntent,
  { set }: Facts,
  going: readonly number[],
  agreed: string | undefined,
): Promise<string | undefined> {
  const text = intent.deleteClaims === true ? undefined : deletedClaimsText(set, going);
  const isOpen = text !== undefined && text !== agreed;
  const isAsked = isOpen && world.confirm !== undefined && intent.dryRun === 'none';
  const refusals = [...pausedRule(set), ...(isOpen && !isAsked ? claimsRule(set, going) : [])];
  if (refusals.length > 0) throw new RefusedError(refusals);
  if (!isAsked) return undefined;
  if (await world.confirm?.(`${text}. Delete them?`)) return text;
  throw new NotStartedError(way('on', 'to scale: the same command, answered with y; --delete-claims does not ask'));
}

/** More replicas: no pod loses anything. A weight of 0 that an earlier scale-in has left would keep the new pods without traffic. */
async function grow(world: World, intent: ScaleIntent, before: Facts): Promise<Outcome> {
  const { set, pods } = before;
  const born = Array.from({ length: intent.replicas - set.replicas }, (_, at) => set.start + set.replicas + at);
  const dark = born.filter((ordinal) => before.drainSet.includes(ordinal));
  if (dark.length > 0)
    world.report.warn(
      advice`${ordinalsText(dark)} ${dark.length === 1 ? 'is' : 'are'} held at weight 0 already and will get no traffic; to give it to them: ${own('restore', set.name, formatOrdinals(dark))}`,
    );
  if (pods.some((pod) => isOfOtherRevision(pod, set)))
    world.report.warn(`the new pods start on the update revision, which not every pod runs yet`);
  if (intent.dryRun !== 'client')
    await retryConflict(world, `statefulset/${intent.name}`, async () => {
      const facts = await gatherObserved(world, intent, deadlineOf(world, intent));
      if (facts.set.replicas !== set.replicas)
        throw new ConflictError(
          `statefulset/${set.name} was scaled to ${facts.set.replicas} replicas by another writer meanwhile; it was not scaled`,
          own('status', set.name),
        );
      await scaleUp(world, intent, facts, { replicas: intent.replicas });
    });
  const note = `${set.replicas} to ${intent.replicas} replicas`;
  if (intent.dryRun === 'none') await writeEvent(world, set, 'ZerolossScaled', note, { replicas: intent.replicas });
  return outcome('scale', before, intent, {
    results: [{ object: `statefulset/${set.name}`, action: 'scaled', changed: true, note }],
    details: { replicas: intent.replicas, scaledAway: [] },
    next: [own('status', set.name)],
  });
}
