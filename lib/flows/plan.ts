/** plan: the whole upgrade before it begins, with everything that would stop it. It reads only. */
import type { PlanIntent } from '../core/intent.ts';
import type { Outcome } from '../core/outcome.ts';
import { planUpgrade } from '../core/plan.ts';
import { deletionRule, listenerRules, serviceRules, strategyRule } from '../core/rules.ts';
import type { Refusal } from '../errors.ts';
import type { World } from '../ports.ts';
import { deadlineOf } from './deadline.ts';
import { floorRefusals } from './floor-check.ts';
import type { Facts } from './gather.ts';
import { gatherObserved } from './gather-observed.ts';
import { ingressRule } from './ingress-rule.ts';
import { type Observation, observe } from './observe.ts';
import { outcome } from './outcome.ts';
import { readBudget } from './read-budget.ts';
import { checkContainers } from './set-image.ts';

/** The outcome's details are the plan (versioned); its refusals those that drain would meet now. Throws UsageError for an unknown container. */
export async function plan(world: World, intent: PlanIntent): Promise<Outcome> {
  const facts = await gatherObserved(world, intent, deadlineOf(world, intent));
  checkContainers(facts.set, intent.images);
  const services = facts.services.map((each) => each.service);
  const planned = planUpgrade(facts.set, facts.pods, { ...intent, services: services.map((service) => service.name) });
  const early = [...deletionRule(facts.set), ...strategyRule(facts.set), ...serviceRules(services, facts.set)];
  const refusals = [
    ...early,
    ...(planned.batches.length === 0 ? [] : await ingressRule(world, facts.set, intent)),
    ...(early.length > 0 ? [] : await balancerRefusals(world, facts, planned.batches[0] ?? [], planned.surplus)),
  ];
  const results = planned.steps.map((step) => ({
    object: step.touches.join(',') || '-',
    action: [step.tool === 'zeroloss' ? 'kubectl zeroloss' : 'kubectl', ...step.words].join(' '),
    changed: false,
    note: step.look,
  }));
  const message =
    planned.batches.length === 0
      ? 'nothing to do: every pod is updated'
      : `${planned.batches.length} batches, ${planned.steps.length} steps`;
  return outcome('plan', facts, intent, { results, refusals, details: planned, message });
}

/** Counted as if the surplus served already: it will when the first batch is drained. */
async function balancerRefusals(
  world: World,
  facts: Facts,
  first: readonly number[],
  surplus: readonly number[],
): Promise<Refusal[]> {
  let observation: Observation;
  try {
    observation = await observe(world, facts);
  } catch (error) {
    world.report.warn(
      `the load balancer cannot be asked, so its rules are not checked: ${error instanceof Error ? error.message : String(error)}`,
    );
    return [];
  }
  const rules = observation.bound.flatMap(({ service, balancer }) => listenerRules(service, balancer));
  const planned =
    surplus.length > 0 ? [] : floorRefusals(facts, observation.bindings, first, await readBudget(world, facts.set));
  return [...rules, ...planned];
}
