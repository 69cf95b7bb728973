/** The load balancers' part of the facts. */

import type { CheckFacts, CloudFacts } from '../../core/check/check-facts.ts';
import { type Finding, graded, warn } from '../../core/check/findings.ts';
import type { PodBinding } from '../../core/facts/backends.ts';
import type { Facts } from '../../core/facts/facts.ts';
import type { Observation } from '../../core/facts/observation.ts';
import type { CheckIntent } from '../../core/intent/intent.ts';
import { backOrAway } from '../../core/plan/next-command.ts';
import { floorFor } from '../../core/safety/floor.ts';
import { floorRefusals } from '../../core/safety/floor-check.ts';
import { ordinalsText, union } from '../../core/target/ordinals.ts';
import { isOutdated } from '../../core/target/pod.ts';
import { type Advice, type CommandAdvice, lines, own } from '../../core/values/command.ts';
import type { Known } from '../../core/values/known.ts';
import type { World } from '../../ports.ts';
import { softly } from '../guard/softly.ts';
import { readOtherBindings } from '../safety/other-bindings.ts';
import { observe } from '../target/observe.ts';
import { budgetFloor } from '../target/read-budget.ts';

export const readCloud = (world: World, facts: Facts): Promise<Known<CloudFacts>> =>
  softly(world, async () => {
    const observation = await observe(world, facts);
    return {
      balancers: observation.bound,
      bindings: observation.bindings,
      others: await bindingsElsewhere(world, observation, facts),
    };
  });

/** Here an error that may be temporary is an unknown answer, too. */
async function bindingsElsewhere(world: World, observation: Observation, facts: Facts): Promise<CloudFacts['others']> {
  const answer = await softly(world, () => readOtherBindings(world, observation, facts.pods, { many: true }));
  return answer.known ? answer.value : answer;
}

/** The answer to draining one more pod: the rule of drain itself, asked for the pod that would be next. */
export function floorFindings(
  facts: Facts,
  bindings: readonly PodBinding[],
  { budgets }: CheckFacts,
  intent: CheckIntent,
): Finding[] {
  const free = facts.pods.filter((pod) => !facts.drainSet.includes(pod.ordinal));
  const next = free.find((pod) => isOutdated(pod, facts.set)) ?? free[0];
  if (next === undefined) return [];
  const wish = { asked: intent.minServing, budget: budgets.known ? budgetFloor(budgets.value) : undefined };
  const refusals = floorRefusals(facts, bindings, union(facts.drainSet, [next.ordinal]), wish);
  const floor = floorFor(wish, facts.set.replicas);
  const keeps = floorRefusals(asUndrained(facts), bindings, facts.drainSet, wish).length === 0;
  if (facts.drainSet.length > 0 && refusals.length > 0 && keeps) return [reachedFinding(facts, floor)];
  return graded(
    'load balancer',
    refusals.map((refusal) => ({
      ...refusal,
      message: `with ${next.name} drained ${refusal.message}`,
      cure: floorCure(facts),
    })),
    { floor: `with ${next.name} drained the floor of ${floor} backends holds` },
  );
}

/** So that the floor is judged for the pods that are drained now, as if their drain were asked for. */
const asUndrained = (facts: Facts): Facts => ({
  ...facts,
  services: facts.services.map((each) => ({ ...each, drained: { ...each.drained, all: [] } })),
});

/** In the middle of an upgrade nothing is wrong with that: these pods go on, and others wait. */
function reachedFinding(facts: Facts, floor: number): Finding {
  const message = `${ordinalsText(facts.drainSet)} drained: the floor of ${floor} backends allows no other pod until they have their weight back`;
  return warn('load balancer', 'floor', message, lines(...goesOnWith(facts)));
}

/** The commands that go on with the drained pods; two where they may be those of a scale-in that was stopped. */
export function goesOnWith(facts: Facts): CommandAdvice[] {
  const { set, pods, drainSet } = facts;
  const waits = pods.some((pod) => drainSet.includes(pod.ordinal) && isOutdated(pod, set));
  return waits ? [own('wait-zero', set.name)] : backOrAway(facts);
}

/** Once the template has changed a surge would start on it with full weight; that of an upgrade starts without traffic. */
function floorCure({ set, pods, drainSet }: Facts): Advice {
  const other = 'or choose another floor: --min-serving';
  if (drainSet.length > 0) return own('restore', set.name).note(`gives every pod its weight back; ${other}`);
  return pods.some((pod) => isOutdated(pod, set))
    ? own('plan', set.name, '--surge', '1').note(`adds a replica for the time of the upgrade; ${other}`)
    : own('surge', set.name).note(other);
}
