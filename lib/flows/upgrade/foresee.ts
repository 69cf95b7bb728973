/** An upgrade before its first write: its steps, what they cost by what is known now, and what would refuse them. It reads only. */

import type { Refusal } from '../../core/errors.ts';
import { countedBackends } from '../../core/facts/backends.ts';
import type { Facts } from '../../core/facts/facts.ts';
import type { Observation } from '../../core/facts/observation.ts';
import type { PlanIntent, UpgradeIntent } from '../../core/intent/intent.ts';
import type { ObjectResult } from '../../core/outcome/outcome.ts';
import { estimated, startMsOf, zeroMsOf } from '../../core/plan/estimate.ts';
import { pausePlace } from '../../core/plan/pause-at.ts';
import { stepCommand } from '../../core/plan/plan-step.ts';
import { planUpgrade, type UpgradePlan } from '../../core/plan/upgrade-plan.ts';
import { aloneRefusals, reachRule } from '../../core/safety/alone.ts';
import { isNoFloor } from '../../core/safety/floor.ts';
import { floorRefusals, judged, withFewer } from '../../core/safety/floor-check.ts';
import { customWeightRule, listenerRules, servingRule } from '../../core/safety/rules.ts';
import { intersection, ordinalSet, union, without } from '../../core/target/ordinals.ts';
import { podsAt } from '../../core/target/pod.ts';
import { ordinalsOf } from '../../core/target/stateful-set-facts.ts';
import { scaleRule, surplusOrdinals } from '../../core/target/surplus.ts';
import { own } from '../../core/values/command.ts';
import { heldCanaries } from '../../core/weights/held-canaries.ts';
import { foreseenFull } from '../../core/window/full.ts';
import { formatMaxUnavailable, windowSizeOf } from '../../core/window/size.ts';
import type { World } from '../../ports.ts';
import { serverNowMs } from '../guard/server-time.ts';
import { autoscalerRule } from '../safety/autoscaler-rule.ts';
import { ingressRule } from '../safety/ingress-rule.ts';
import { otherBindingRefusals } from '../safety/other-bindings.ts';
import { readBudget } from '../target/read-budget.ts';
import { zeroSeenMs } from '../weights/remember-zero.ts';
import { countNow } from '../zero/count-now.ts';

/** The steps for this target, without times and counts; with `pauseAt` those of the run that pauses there. */
export function barePlan(
  facts: Facts,
  { maxUnavailable, ...intent }: PlanIntent,
  pauseAt?: UpgradeIntent['pauseAt'],
): UpgradePlan {
  const size = windowSizeOf(maxUnavailable, facts.set.replicas - surplusOrdinals(facts.set).length);
  return planUpgrade(facts.set, facts.pods, {
    ...intent,
    ...(maxUnavailable === undefined ? {} : { maxUnavailable: size, batch: size }),
    ...(maxUnavailable?.kind === 'percent' ? { share: formatMaxUnavailable(maxUnavailable) } : {}),
    ...(pauseAt === undefined ? {} : { most: pausePlace(facts, pauseAt).at }),
    services: facts.services.map(({ service }) => service.name),
    drainSet: facts.drainSet,
    byHand: facts.byHand,
    canaries: heldCanaries(facts),
  });
}

/** With the connections of every pod that the plan waits for, and the times that the cluster itself shows. */
export async function estimate(
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
    // A backend that no source counts makes the pod unknown.
    if (found.length > 0 && known.length === found.length)
      connections.set(
        ordinal,
        known.reduce((sum, count) => sum + count, 0),
      );
  }
  // One that is not to count by is not waited for.
  const cadences = [...counts.cadences].filter(([name]) => intent.sources?.includes(name) ?? true);
  const zeroMs = zeroMsOf(
    cadences.map(([, cadence]) => cadence),
    intent.stableForMs,
  );
  const nowMs = serverNowMs(world);
  const moments = zeroSeenMs(facts);
  const left = facts.pods.flatMap(({ uid, ordinal }): [number, number][] => {
    const atMs = moments.get(uid);
    return atMs === undefined ? [] : [[ordinal, Math.max(0, zeroMs - Math.max(0, nowMs - atMs))]];
  });
  return estimated(planned, {
    connections,
    zeroMs,
    zeroLeftMs: new Map(left),
    startMs: startMsOf(facts.pods),
    ordered: facts.set.podManagementPolicy !== 'Parallel',
    soakMs: intent.soakMs,
  });
}

/** The refusals of the plan's verbs that follow from the cluster alone. */
export async function stepRefusals(
  world: World,
  intent: PlanIntent,
  facts: Facts,
  planned: UpgradePlan,
): Promise<Refusal[]> {
  const drained = ordinalSet([...planned.batches.flat(), ...planned.surplus]);
  const surges = planned.steps.some(({ tool, words }) => tool === 'zeroloss' && words[0] === 'surge');
  return [
    ...customWeightRule(facts.set, facts.pods),
    ...reachRule(facts, drained),
    ...aloneRefusals(facts, drained, intent.allowAlone),
    ...(planned.batches.length === 0 ? [] : await ingressRule(world, facts, intent)),
    ...(surges ? await autoscalerRule(world, facts.set) : []),
    ...scaleRule(facts.set),
    ...foreseenFull(facts, planned),
  ];
}

/**
 * Counted as if a surplus that is still to come served already: it will when the first batch is drained. One that is there without
 * traffic will too: the plan gives it traffic before.
 */
export async function balancerRefusals(
  world: World,
  intent: PlanIntent,
  facts: Facts,
  observation: Observation,
  { batches, surplus }: UpgradePlan,
): Promise<Refusal[]> {
  const rules = observation.bound.flatMap(({ service, balancer }) => listenerRules(service, balancer));
  const drained = ordinalSet([...batches.flat(), ...surplus]);
  if (drained.length === 0) return rules;
  const floor = { asked: intent.minServing, budget: await readBudget(world, facts) };
  // Drained pods of no batch have their traffic back by then.
  const back = without(facts.drainSet, drained);
  const dark = batches.length > 0 ? without(intersection(surplus, facts.drainSet), facts.byHand) : [];
  const held = without(facts.drainSet, union(back, dark));
  const fresh = without(batches[0] ?? surplus, union(held, dark));
  const first = union(held, fresh);
  const coming = union(without(surplus, ordinalsOf(facts.set)), dark);
  const pods = podsAt(facts.pods, drained);
  const floorOf = (count: number) =>
    floorRefusals(facts, observation.bindings, union(held, fresh.slice(0, count)), floor, back, coming);
  return [
    ...rules,
    // A surplus goes as a whole.
    ...(batches.length === 0
      ? floorOf(fresh.length)
      : withFewer(fresh.length, floorOf, (most) =>
          own(
            'plan',
            facts.set.name,
            intent.maxUnavailable === undefined ? '--batch' : '--max-unavailable',
            String(most),
          ).note('as many at a time as the floor allows now'),
        )),
    ...(isNoFloor(intent.minServing) ? [] : servingRule(judged(facts, observation.bindings, first), facts.set.name)),
    ...(await otherBindingRefusals(world, observation, pods, intent.services !== undefined)),
  ];
}

/** Each step as the command that takes it. */
export const planResults = ({ steps }: UpgradePlan): ObjectResult[] =>
  steps.map((step) => ({
    object: step.touches.join(',') || '-',
    action: stepCommand(step),
    changed: false,
    note: step.look,
  }));

/** The first question and the floor treat a window as batches of its size. */
export function asBatches(intent: UpgradeIntent, { set }: Facts): UpgradeIntent {
  const { maxUnavailable } = intent;
  if (maxUnavailable === undefined) return intent;
  return { ...intent, batch: windowSizeOf(maxUnavailable, set.replicas - surplusOrdinals(set).length) };
}
