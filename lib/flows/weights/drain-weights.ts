/** The write of a drain: every rule that speaks against it, and one patch for each Service. */

import { type DoneResult, type Refusal, RefusedError } from '../../core/errors.ts';
import type { Facts } from '../../core/facts/facts.ts';
import type { Observation } from '../../core/facts/observation.ts';
import type { DrainIntent } from '../../core/intent/intent.ts';
import { notDone } from '../../core/plan/skip-done.ts';
import { advisedDrain, type SeenServing } from '../../core/safety/advised-drain.ts';
import { reachRule } from '../../core/safety/alone.ts';
import { isNoFloor } from '../../core/safety/floor.ts';
import { drainFloorRefusals, judged, silentPlaces } from '../../core/safety/floor-check.ts';
import {
  customWeightRule,
  deletionRule,
  listenerRules,
  ordinalRule,
  servingRule,
  strategyRule,
} from '../../core/safety/rules.ts';
import { goingRule, isOverdue, orderedRule } from '../../core/target/going.ts';
import { intersection, union, without } from '../../core/target/ordinals.ts';
import { pausedRule } from '../../core/target/pause.ts';
import { podsAt } from '../../core/target/pod.ts';
import { ordinalsOf } from '../../core/target/stateful-set-facts.ts';
import { surplusOrdinals } from '../../core/target/surplus.ts';
import { changes, planDrain, type WeightChange } from '../../core/weights/plan-weights.ts';
import type { World } from '../../ports.ts';
import { serverNowMs } from '../guard/server-time.ts';
import type { AloneRule } from '../safety/alone-rule.ts';
import { ingressRule } from '../safety/ingress-rule.ts';
import { warnOfInside } from '../safety/inside-services.ts';
import { otherBindingRefusals } from '../safety/other-bindings.ts';
import { serviceRefusals } from '../safety/service-refusals.ts';
import { strangerRefusals } from '../safety/stranger-rule.ts';
import { describeGoing } from '../target/describe-going.ts';
import { gather } from '../target/gather.ts';
import { noteNodes } from '../target/leave-nodes.ts';
import { observe } from '../target/observe.ts';
import { warnOfLeftBehind } from '../target/orphaned-weights.ts';
import { readBudget } from '../target/read-budget.ts';
import { applyWeights } from './write-weights.ts';

export interface DrainedWeights {
  facts: Facts;
  plan: WeightChange[];
  /** At weight 0 after the write. */
  drainSet: number[];
  /** Places at which nothing serves then. */
  silent: string[];
}

/**
 * Throws RefusedError before anything is written, StatusError 409 when a Service changed meanwhile, or the replicas before a node is noted. `returning`: drained ordinals
 * whose weight comes back in the same write; the floor is judged without them, for the load balancer may show them last.
 * `holds`: whether what the caller has chosen by is still so.
 * `earlier`: what this run has written in rounds that a conflict ended.
 * 'answered': nothing is written, because a question was open meanwhile, or the choice does not hold; the caller chooses and judges again.
 */
export async function drainWeights(
  world: World,
  intent: DrainIntent,
  alone: AloneRule,
  returning: readonly number[] = [],
  holds: (facts: Facts, observation: Observation) => boolean = () => true,
  earlier: readonly DoneResult[] = [],
): Promise<DrainedWeights | 'answered'> {
  const facts = await gather(world, intent);
  warnOfLeftBehind(world, facts);
  warnOfInside(world, facts);
  const ordinals = intent.skipDone === true ? notDone(facts, intent.ordinals) : intent.ordinals;
  const drainSet = union(without(facts.drainSet, returning), ordinals);
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
    ...(await strangerRefusals(world, facts)),
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
  if (!holds(facts, observation)) return 'answered';
  const { bound, bindings } = observation;
  const refusals = bound.flatMap(({ service, balancer }) => listenerRules(service, balancer));
  // A drained pod cannot fall below the floor again: asking twice must stay harmless.
  if (changes(plan).length > 0) {
    refusals.push(...pausedRule(facts.set));
    const drained = without(facts.drainSet, returning);
    const parts = { drained, fresh: without(ordinals, drained) };
    const floor = drainFloorRefusals(facts, bindings, parts, { asked: intent.minServing, budget });
    refusals.push(
      ...(isSurplusAlone(facts, intent) ? inPlaceOfFewer(facts, intent, { bindings, budget }, floor) : floor),
    );
    if (!isNoFloor(intent.minServing)) refusals.push(...servingRule(judged(facts, bindings, drainSet), facts.set.name));
    const pods = podsAt(facts.pods, drainSet);
    refusals.push(...(await otherBindingRefusals(world, observation, pods, intent.services !== undefined)));
  }
  const asked = await alone(facts, drainSet, refusals);
  if (asked === 'answered') return asked;
  refusals.push(...asked);
  if (refusals.length > 0) throw new RefusedError(refusals);
  await noteNodes(world, intent, facts.set);
  const written = await applyWeights(world, plan, intent.dryRun, earlier);
  return { facts, plan: written, drainSet, silent: silentPlaces(bindings, drainSet) };
}

const isSurplusAlone = ({ set }: Facts, { ordinals }: DrainIntent): boolean =>
  without(ordinals, surplusOrdinals(set)).length === 0;

/** Of a surplus, whose pods are scaled away together: fewer at a time is no way for it. A floor that was typed is the person's own. */
function inPlaceOfFewer(
  facts: Facts,
  { ordinals, minServing }: DrainIntent,
  seen: SeenServing,
  refusals: readonly Refusal[],
): Refusal[] {
  const isTyped = minServing !== undefined && minServing.raises !== true;
  const cure = isTyped ? {} : { cure: advisedDrain(facts, ordinals, seen) };
  return refusals.map(({ cure: _fewer, ...refusal }) => ({ ...refusal, ...cure }));
}
