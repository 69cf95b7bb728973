/** drain: the union of the drain set and the asked ordinals goes to weight 0 on every Service and port, seen at the load balancer. */

import { RefusedError } from '../../core/errors.ts';
import type { Facts } from '../../core/facts/facts.ts';
import type { DrainIntent } from '../../core/intent/intent.ts';
import { outcome, serviceResults } from '../../core/outcome/build-outcome.ts';
import { drainedText } from '../../core/outcome/drained-text.ts';
import type { Outcome } from '../../core/outcome/outcome.ts';
import { notDone } from '../../core/plan/skip-done.ts';
import { aloneRefusals, reachRule } from '../../core/safety/alone.ts';
import { isNoFloor } from '../../core/safety/floor.ts';
import { floorRefusals, judged, silentPlaces } from '../../core/safety/floor-check.ts';
import {
  customWeightRule,
  deletionRule,
  listenerRules,
  ordinalRule,
  servingRule,
  strategyRule,
} from '../../core/safety/rules.ts';
import { goingRule, isOverdue, orderedRule } from '../../core/target/going.ts';
import { intersection, ordinalsText, union, without } from '../../core/target/ordinals.ts';
import { pausedRule } from '../../core/target/pause.ts';
import { sameRevisionText } from '../../core/target/same-revision.ts';
import { ordinalsOf } from '../../core/target/stateful-set-facts.ts';
import { advice, lines, own } from '../../core/values/command.ts';
import { changes, concerned, planDrain, type WeightChange } from '../../core/weights/plan-weights.ts';
import type { World } from '../../ports.ts';
import { deadlineOf } from '../guard/deadline.ts';
import { recordEvent } from '../guard/record-event.ts';
import { retryConflict } from '../guard/retry-conflict.ts';
import { serverNowMs } from '../guard/server-time.ts';
import { withResults } from '../guard/with-results.ts';
import { type AloneRule, aloneRule } from '../safety/alone-rule.ts';
import { ingressRule } from '../safety/ingress-rule.ts';
import { warnOfInside } from '../safety/inside-services.ts';
import { otherBindingRefusals } from '../safety/other-bindings.ts';
import { serviceRefusals } from '../safety/service-refusals.ts';
import { describeGoing } from '../target/describe-going.ts';
import { gather } from '../target/gather.ts';
import { observe } from '../target/observe.ts';
import { warnOfLeftBehind } from '../target/orphaned-weights.ts';
import { readBudget } from '../target/read-budget.ts';
import { confirmWeights } from '../weights/confirm-weights.ts';
import { rememberZero } from '../weights/remember-zero.ts';
import { applyWeights } from '../weights/write-weights.ts';

/** Refuses (RefusedError) before anything is written; throws DisagreesError when the load balancer does not follow in time. */
export async function drain(world: World, intent: DrainIntent): Promise<Outcome> {
  const deadlineMs = deadlineOf(world, intent);
  const alone = aloneRule(world, intent);
  const { facts, plan, drainSet, silent } = await retryConflict(world, `statefulset/${intent.name}: a Service`, () =>
    writeOnce(world, intent, alone),
  );
  const results = serviceResults(facts, concerned(facts, plan, drainSet), 'drained', ({ held }) =>
    ordinalsText(intersection(drainSet, held)),
  );
  if (intent.dryRun !== 'none') {
    for (const place of silent) world.report.warn(`nothing would serve at ${place}: no backend would have a weight`);
    return outcome('drain', facts, intent, { results });
  }
  if (changes(plan).length > 0)
    await recordEvent(world, facts.set, 'ZerolossDrained', `weight 0 for ${ordinalsText(drainSet)}`, {
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
  const same = sameRevisionText(confirmed.facts, intent.ordinals);
  return outcome('drain', facts, intent, {
    results,
    message: same === undefined ? message : lines(message, same),
    details: { drainSet, ...(unbound.length > 0 ? { neverBound: unbound } : {}) },
    next: [`wait-zero ${intent.name}`],
  });
}

async function writeOnce(
  world: World,
  intent: DrainIntent,
  alone: AloneRule,
): Promise<{ facts: Facts; plan: WeightChange[]; drainSet: number[]; silent: string[] }> {
  const facts = await gather(world, intent);
  warnOfLeftBehind(world, facts);
  warnOfInside(world, facts);
  const ordinals = intent.skipDone === true ? notDone(facts, intent.ordinals) : intent.ordinals;
  const drainSet = union(facts.drainSet, ordinals);
  const plan = planDrain(facts, drainSet);
  const fresh = facts.pods.filter(
    ({ ordinal }) => intent.ordinals.includes(ordinal) && !facts.drainSet.includes(ordinal),
  );
  const texts = await describeGoing(world, facts.pods);
  const going = facts.pods.filter(
    (pod) => isOverdue(pod, serverNowMs(world)) && !intent.ordinals.includes(pod.ordinal),
  );
  const early = [
    ...deletionRule(facts.set),
    ...strategyRule(facts.set),
    ...ordinalRule(facts.set, ordinals),
    ...(await serviceRefusals(world, facts)),
    ...reachRule(facts, intersection(intent.ordinals, ordinalsOf(facts.set))),
    ...goingRule(fresh, texts),
    ...orderedRule(facts.set, without(intent.ordinals, facts.drainSet), going, texts),
    ...customWeightRule(facts.set, facts.pods),
    ...(await ingressRule(world, facts, intent)),
  ];
  if (early.length > 0) throw new RefusedError(early);
  const [observation, budget] = await Promise.all([observe(world, facts), readBudget(world, facts)]);
  const { bound, bindings } = observation;
  const refusals = bound.flatMap(({ service, balancer }) => listenerRules(service, balancer));
  // What is already drained cannot fall below the floor again: saying so twice must stay harmless.
  if (changes(plan).length > 0) {
    refusals.push(...pausedRule(facts.set));
    refusals.push(...floorRefusals(facts, bindings, drainSet, { asked: intent.minServing, budget }));
    if (!isNoFloor(intent.minServing)) refusals.push(...servingRule(judged(facts, bindings, drainSet), facts.set.name));
    const pods = facts.pods.filter((pod) => drainSet.includes(pod.ordinal));
    refusals.push(...(await otherBindingRefusals(world, observation, pods, intent.services !== undefined)));
  }
  // Asked last: a person is not asked about what is refused anyway.
  if (refusals.length === 0) refusals.push(...(await alone(facts, drainSet)));
  else refusals.push(...aloneRefusals(facts, drainSet, intent.allowAlone));
  if (refusals.length > 0) throw new RefusedError(refusals);
  await applyWeights(world, plan, intent.dryRun);
  return { facts, plan, drainSet, silent: silentPlaces(bindings, drainSet) };
}
