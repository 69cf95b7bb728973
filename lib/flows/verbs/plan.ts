/** plan: the whole upgrade before it begins, how long it takes at the least, and everything that would stop it. It reads only. */

import type { Refusal } from '../../core/errors.ts';
import { countedBackends } from '../../core/facts/backends.ts';
import type { Facts } from '../../core/facts/facts.ts';
import type { Observation } from '../../core/facts/observation.ts';
import type { PlanIntent } from '../../core/intent/intent.ts';
import { outcome } from '../../core/outcome/build-outcome.ts';
import type { Outcome } from '../../core/outcome/outcome.ts';
import { estimated, startMsOf, zeroMsOf } from '../../core/plan/estimate.ts';
import { planUpgrade, type UpgradePlan } from '../../core/plan/upgrade-plan.ts';
import { isNoFloor } from '../../core/safety/floor.ts';
import { floorRefusals } from '../../core/safety/floor-check.ts';
import {
  customWeightRule,
  deletionRule,
  listenerRules,
  serviceRules,
  servingRule,
  strategyRule,
} from '../../core/safety/rules.ts';
import { ordinalSet, union, without } from '../../core/target/ordinals.ts';
import { ordinalsOf } from '../../core/target/stateful-set-facts.ts';
import { scaleRule } from '../../core/target/surplus.ts';
import type { World } from '../../ports.ts';
import { deadlineOf } from '../guard/deadline.ts';
import { softly } from '../guard/softly.ts';
import { autoscalerRule } from '../safety/autoscaler-rule.ts';
import { ingressRule } from '../safety/ingress-rule.ts';
import { otherBindingRefusals } from '../safety/other-bindings.ts';
import { gatherObserved } from '../target/gather-observed.ts';
import { observe } from '../target/observe.ts';
import { warnOfLeftBehind } from '../target/orphaned-weights.ts';
import { readBudget } from '../target/read-budget.ts';
import { checkContainers } from '../upgrade/set-image.ts';
import { countNow } from '../zero/count-now.ts';

/** The outcome's details are the plan (versioned); its refusals those that its steps would meet now. Throws UsageError for an unknown container. */
export async function plan(world: World, intent: PlanIntent): Promise<Outcome> {
  const facts = await gatherObserved(world, intent, deadlineOf(world, intent));
  warnOfLeftBehind(world, facts);
  checkContainers(facts.set, intent.images);
  const services = facts.services.map((each) => each.service);
  const bare = planUpgrade(facts.set, facts.pods, {
    ...intent,
    services: services.map((service) => service.name),
    drainSet: facts.drainSet,
  });
  const early = [...deletionRule(facts.set), ...strategyRule(facts.set), ...serviceRules(services, facts.set)];
  const observation = early.length > 0 ? undefined : await observeSoftly(world, facts);
  const planned = await estimate(world, intent, facts, observation, bare);
  const refusals = [
    ...early,
    ...(bare.steps.length === 0 ? [] : await stepRefusals(world, intent, facts, bare)),
    ...(observation === undefined ? [] : await balancerRefusals(world, intent, facts, observation, bare)),
  ];
  const results = planned.steps.map((step) => ({
    object: step.touches.join(',') || '-',
    action: [step.tool === 'zeroloss' ? 'kubectl zeroloss' : 'kubectl', ...step.words].join(' '),
    changed: false,
    note: step.look,
  }));
  return outcome('plan', facts, intent, { results, refusals, details: planned });
}

/** A plan can be made without the load balancer: warns that its part is left out. */
async function observeSoftly(world: World, facts: Facts): Promise<Observation | undefined> {
  const observation = await softly(world, () => observe(world, facts));
  if (observation.known) return observation.value;
  world.report.warn(
    `the load balancer cannot be asked, so its rules are not checked, and no connections counted: ${observation.because}`,
  );
  return undefined;
}

/** With the connections of every pod that the plan waits for, and the times that the cluster itself shows. */
async function estimate(
  world: World,
  intent: PlanIntent,
  facts: Facts,
  observation: Observation | undefined,
  planned: UpgradePlan,
): Promise<UpgradePlan> {
  const waited = ordinalSet(planned.steps.flatMap(({ ordinals }) => ordinals));
  const bindings = (observation?.bindings ?? []).filter(({ pod }) => waited.includes(pod.ordinal));
  const notes: string[] = [];
  const counts = await countNow(world, bindings.flatMap(countedBackends), notes);
  for (const note of notes) world.report.warn(note);
  const connections = new Map<number, number>();
  for (const [ordinal, here] of Map.groupBy(bindings, ({ pod }) => pod.ordinal)) {
    const found = here.flatMap(countedBackends).map((backend) => counts.of(backend));
    const known = found.filter((count) => count !== undefined);
    // A backend that nobody counts makes the pod unknown.
    if (found.length > 0 && known.length === found.length)
      connections.set(
        ordinal,
        known.reduce((sum, count) => sum + count, 0),
      );
  }
  return estimated(planned, {
    connections,
    zeroMs: zeroMsOf([...counts.cadences.values()], intent.stableForMs),
    startMs: startMsOf(facts.pods),
    soakMs: intent.soakMs,
  });
}

/** What the verbs of the plan would be refused for by the cluster alone. */
async function stepRefusals(world: World, intent: PlanIntent, facts: Facts, planned: UpgradePlan): Promise<Refusal[]> {
  const surges = planned.steps.some(({ tool, words }) => tool === 'zeroloss' && words[0] === 'surge');
  return [
    ...customWeightRule(facts.set, facts.pods),
    ...(planned.batches.length === 0 ? [] : await ingressRule(world, facts.set, intent)),
    ...(surges ? await autoscalerRule(world, facts.set) : []),
    ...scaleRule(facts.set),
  ];
}

/** Counted as if a surplus that is still to come served already: it will when the first batch is drained. */
async function balancerRefusals(
  world: World,
  intent: PlanIntent,
  facts: Facts,
  observation: Observation,
  { batches, surplus }: UpgradePlan,
): Promise<Refusal[]> {
  const rules = observation.bound.flatMap(({ service, balancer }) => listenerRules(service, balancer));
  const drained = ordinalSet([...batches.flat(), ...surplus]);
  if (drained.length === 0) return rules;
  const floor = { asked: intent.minServing, budget: await readBudget(world, facts.set) };
  // What is drained and in no batch has its traffic back by then.
  const back = without(facts.drainSet, drained);
  const first = union(without(facts.drainSet, back), batches[0] ?? surplus);
  const coming = without(surplus, ordinalsOf(facts.set));
  const pods = facts.pods.filter((pod) => drained.includes(pod.ordinal));
  return [
    ...rules,
    ...floorRefusals(facts, observation.bindings, first, floor, back, coming),
    ...(isNoFloor(intent.minServing) ? [] : servingRule(observation.bindings, facts.set.name)),
    ...(await otherBindingRefusals(world, observation, pods, intent.services !== undefined)),
  ];
}
