/** The minimum that PodDisruptionBudgets ask for: it may raise the floor. */

import { StatusError } from '../../core/errors.ts';
import { labelsMatch } from '../../core/target/label-selector.ts';
import type { StatefulSetFacts } from '../../core/target/stateful-set-facts.ts';
import { field, number } from '../../core/values/read.ts';
import { POD_DISRUPTION_BUDGETS } from '../../ports/resources.ts';
import type { KubeObject, World } from '../../ports.ts';

/**
 * The largest status.desiredHealthy of the budgets that select the pods; undefined when there is none, or when the
 * caller may not read budgets (said as a warning: the floor is then half of the replicas, at the least).
 */
export async function readBudget(world: World, set: StatefulSetFacts): Promise<number | undefined> {
  try {
    const budgets = await world.kube.list(POD_DISRUPTION_BUDGETS, { signal: world.signal });
    return budgetFloor(budgetsOf(budgets.items, set));
  } catch (error) {
    if (!(error instanceof StatusError) || error.httpStatus !== 403) throw error;
    world.report.warn(`PodDisruptionBudgets cannot be read (${error.message}); the floor is half of the replicas`);
    return undefined;
  }
}

/** The budgets that select the pods. */
export const budgetsOf = (budgets: readonly KubeObject[], set: StatefulSetFacts): KubeObject[] =>
  budgets.filter((budget) => labelsMatch(field(budget, 'spec', 'selector'), set.templateLabels));

/** The largest status.desiredHealthy; undefined when no budget says one for what it asks now. */
export function budgetFloor(budgets: readonly KubeObject[]): number | undefined {
  const judged = budgets.filter(
    (budget) =>
      (number(budget, 'status', 'observedGeneration') ?? Number.POSITIVE_INFINITY) >=
      (number(budget, 'metadata', 'generation') ?? 0),
  );
  const wanted = judged.flatMap((budget) => number(budget, 'status', 'desiredHealthy') ?? []);
  return wanted.length === 0 ? undefined : Math.max(...wanted);
}
