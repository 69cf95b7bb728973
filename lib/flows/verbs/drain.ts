/** drain: the union of the drain set and the asked ordinals goes to weight 0 on every Service and port, seen at the load balancer. */

import type { DrainIntent } from '../../core/intent/intent.ts';
import { outcome, serviceResults } from '../../core/outcome/build-outcome.ts';
import { drainedText } from '../../core/outcome/drained-text.ts';
import type { Outcome } from '../../core/outcome/outcome.ts';
import { notDone } from '../../core/plan/skip-done.ts';
import { silentPlaces } from '../../core/safety/floor-check.ts';
import { intersection, ordinalSet, ordinalsText } from '../../core/target/ordinals.ts';
import { sameRevisionText } from '../../core/target/same-revision.ts';
import { advice, lines, own } from '../../core/values/command.ts';
import { changes, concerned } from '../../core/weights/plan-weights.ts';
import type { World } from '../../ports.ts';
import { deadlineOf } from '../guard/deadline.ts';
import { warnOfRunningVerb } from '../guard/other-operator.ts';
import { retryConflict } from '../guard/retry-conflict.ts';
import { withResults } from '../guard/with-results.ts';
import { writeEvent } from '../guard/write-event.ts';
import { aloneRule, untilUnasked } from '../safety/alone-rule.ts';
import { gather } from '../target/gather.ts';
import { nothingThere, podsToLeave } from '../target/leave-nodes.ts';
import { confirmWeights } from '../weights/confirm-weights.ts';
import { drainWeights } from '../weights/drain-weights.ts';
import { rememberZero } from '../weights/remember-zero.ts';

/** Refuses (RefusedError) before anything is written; throws DisagreesError when the load balancer does not follow in time. */
export async function drain(world: World, intent: DrainIntent): Promise<Outcome> {
  const onNodes = await resolveNodes(world, intent);
  if ('results' in onNodes) return onNodes;
  return drainOrdinals(world, onNodes);
}

/** The ordinals of the pods on the nodes of `--node`, which must be able to leave them; an outcome where there is none. */
async function resolveNodes(world: World, intent: DrainIntent): Promise<DrainIntent | Outcome> {
  if (intent.nodes === undefined || intent.ordinals.length > 0) return intent;
  const facts = await gather(world, intent);
  const pods = await podsToLeave(world, intent, facts);
  const ordinals = ordinalSet(pods.filter((pod) => !pod.terminating).map((pod) => pod.ordinal));
  return ordinals.length > 0 ? { ...intent, ordinals } : nothingThere('drain', facts, intent);
}

async function drainOrdinals(world: World, intent: DrainIntent): Promise<Outcome> {
  const deadlineMs = deadlineOf(world, intent);
  await warnOfRunningVerb(world, intent.name);
  const alone = aloneRule(world, intent);
  const { facts, plan, drainSet, silent } = await retryConflict(
    world,
    `statefulset/${intent.name}: a Service`,
    (earlier) => untilUnasked(() => drainWeights(world, intent, alone, [], undefined, earlier)),
  );
  const results = serviceResults(facts, concerned(facts, plan, drainSet), 'drained', ({ held }) =>
    ordinalsText(intersection(drainSet, held)),
  );
  const asked = intent.skipDone === true ? notDone(facts, intent.ordinals) : intent.ordinals;
  // Of a step that an earlier run has done: nothing is at weight 0, and nothing is to be confirmed.
  if (asked.length === 0 && drainSet.length === 0 && changes(plan).length === 0) {
    const message = `there is nothing to drain: ${ordinalsText(intent.ordinals)} ${intent.ordinals.length === 1 ? 'is' : 'are'} updated, or gone`;
    return outcome('drain', facts, intent, { results, message, details: { drainSet } });
  }
  if (intent.dryRun !== 'none') {
    for (const place of silent) world.report.warn(`nothing would serve at ${place}: no backend would have a weight`);
    return outcome('drain', facts, intent, { results });
  }
  if (changes(plan).length > 0)
    await writeEvent(world, facts.set, 'ZerolossDrained', `weight 0 for ${ordinalsText(drainSet)}`, {
      weights: [{ ordinals: drainSet, weight: 0 }],
    });
  const confirmed = await withResults(
    () => results,
    () => confirmWeights(world, intent, drainSet, deadlineMs),
  );
  await rememberZero(world, confirmed, drainSet);
  for (const place of silentPlaces(confirmed.observation.bindings, drainSet))
    world.report.warn(
      advice`nothing serves now at ${place}: new connections find no backend; to give weights back: ${own('restore', intent.name)}`,
    );
  const { message, unbound } = drainedText(confirmed.facts, confirmed.observation, drainSet);
  const same = sameRevisionText(confirmed.facts, asked);
  return outcome('drain', facts, intent, {
    results,
    message: same === undefined ? message : lines(message, same),
    details: { drainSet, ...(unbound.length > 0 ? { neverBound: unbound } : {}) },
    next: [own('wait-zero', intent.name)],
  });
}
