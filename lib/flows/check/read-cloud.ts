/** The load balancers' part of the facts. */

import type { CheckFacts, CloudFacts } from '../../core/check/check-facts.ts';
import { type Finding, graded } from '../../core/check/findings.ts';
import type { PodBinding } from '../../core/facts/backends.ts';
import type { Facts } from '../../core/facts/facts.ts';
import type { Observation } from '../../core/facts/observation.ts';
import type { CheckIntent } from '../../core/intent/intent.ts';
import { floorFor } from '../../core/safety/floor.ts';
import { floorRefusals } from '../../core/safety/floor-check.ts';
import { union } from '../../core/target/ordinals.ts';
import { isOutdated } from '../../core/target/pod.ts';
import { own } from '../../core/values/command.ts';
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
  return graded(
    'load balancer',
    refusals.map((refusal) => ({
      ...refusal,
      message: `with ${next.name} drained ${refusal.message}`,
      cure: own('surge', facts.set.name).note('or choose another floor: --min-serving'),
    })),
    { floor: `with ${next.name} drained the floor of ${floor} backends holds` },
  );
}
