/** Everything that would refuse an upgrade later, found before its first write and before any question. */

import { type Refusal, RefusedError } from '../../core/errors.ts';
import type { Facts } from '../../core/facts/facts.ts';
import type { PlanIntent, UpgradeIntent } from '../../core/intent/intent.ts';
import { pinRule } from '../../core/job/pin.ts';
import type { NextStep } from '../../core/plan/next-step.ts';
import type { UpgradePlan } from '../../core/plan/upgrade-plan.ts';
import { floorFor, neverAllowed } from '../../core/safety/floor.ts';
import { deletionRule, strategyRule } from '../../core/safety/rules.ts';
import { without } from '../../core/target/ordinals.ts';
import { isOutdated } from '../../core/target/pod.ts';
import { ordinalsOf } from '../../core/target/stateful-set-facts.ts';
import { formerReplicas } from '../../core/target/surplus.ts';
import { own } from '../../core/values/command.ts';
import type { World } from '../../ports.ts';
import { serviceRefusals } from '../safety/service-refusals.ts';
import { strangerRefusals } from '../safety/stranger-rule.ts';
import { nodeRefusals } from '../target/leave-nodes.ts';
import { observe } from '../target/observe.ts';
import { readBudget } from '../target/read-budget.ts';
import { balancerRefusals, barePlan, stepRefusals } from './foresee.ts';

/** The same wish, as `plan` takes it. */
export const planIntentOf = (intent: UpgradeIntent): PlanIntent => ({ ...intent, countingWords: [] });

/** The refusals of a target that is another than the pinned one, or that cannot be upgraded at all: asked at every look. */
export const targetRefusals = async (world: World, intent: UpgradeIntent, facts: Facts): Promise<Refusal[]> => [
  ...pinRule(facts.set, intent.pin, intent),
  ...deletionRule(facts.set),
  ...(await strangerRefusals(world, facts)),
  ...strategyRule(facts.set),
  ...(await serviceRefusals(world, facts)),
];

/**
 * Throws RefusedError. `next`: what this run would begin with. A step that begins nothing new is not held up by what serves
 * at this moment: its verb waits for that.
 */
export async function refuseBeforeFirstWrite(
  world: World,
  intent: UpgradeIntent,
  facts: Facts,
  next: NextStep,
): Promise<void> {
  const wish = planIntentOf(intent);
  const planned = barePlan(facts, wish);
  const beginsSurge = next.step === 'surge' && formerReplicas(facts.set) === undefined;
  // Weights that an earlier run gave back may not be shown yet: with a pod updated, the drain looks after it has waited.
  const fresh = next.step === 'drain' && next.asked && facts.pods.every((pod) => isOutdated(pod, facts.set));
  const begins = beginsSurge || next.step === 'set-image' || fresh;
  // The person is asked about it, batch by batch.
  const isAsked = !intent.yes && world.confirm !== undefined;
  const leaving = facts.pods.filter((pod) => pod.leaves);
  const refusals = [
    ...(leaving.length === 0 ? [] : await nodeRefusals(world, intent, facts, leaving)),
    ...(await floorOfPlan(world, intent, facts, planned)),
    ...(begins ? await stepRefusals(world, wish, facts, planned) : []).filter(
      ({ rule }) => !isAsked || rule !== 'alone',
    ),
  ];
  if (refusals.length > 0) throw new RefusedError(refusals);
  if (!begins) return;
  const seen = await balancerRefusals(world, wish, facts, await observe(world, facts), planned);
  if (seen.length > 0) throw new RefusedError(seen, own('plan', intent.name).note('shows every step'));
}

/** Refusals that no later look could lift: every other pod may serve, the surge counted in. */
async function floorOfPlan(
  world: World,
  intent: UpgradeIntent,
  facts: Facts,
  { batches, surplus }: UpgradePlan,
): Promise<Refusal[]> {
  const { set } = facts;
  const all = ordinalsOf(set);
  const most = all.length + without(surplus, all).length;
  const floor = floorFor({ asked: intent.minServing, budget: await readBudget(world, facts) }, most);
  // A batch that is at 0 already is not drained again.
  const drains = [...batches, surplus].map((batch) => without(batch, facts.drainSet));
  return neverAllowed(set.name, {
    all: most,
    floor,
    largest: Math.max(0, ...drains.map((batch) => batch.length)),
    windowed: intent.maxUnavailable !== undefined,
  });
}
