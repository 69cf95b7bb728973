/** The minimum that PodDisruptionBudgets ask for: it may raise the floor. */

import { StatusError } from '../../core/errors.ts';
import type { Facts } from '../../core/facts/facts.ts';
import { labelsToCome } from '../../core/facts/selection.ts';
import { labelsMatch } from '../../core/values/label-selector.ts';
import { field, number } from '../../core/values/read.ts';
import { POD_DISRUPTION_BUDGETS } from '../../ports/resources.ts';
import type { KubeObject, World } from '../../ports.ts';

/**
 * The largest status.desiredHealthy of the budgets that select the pods; undefined when there is none, or when the
 * operator may not read budgets: it warns then, and the floor is half of the replicas.
 */
export async function readBudget(world: World, facts: Facts): Promise<number | undefined> {
  try {
    const budgets = await world.kube.list(POD_DISRUPTION_BUDGETS, { signal: world.signal });
    return budgetFloor(budgetsOf(budgets.items, facts));
  } catch (error) {
    if (!(error instanceof StatusError) || error.httpStatus !== 403) throw error;
    world.report.warn(`PodDisruptionBudgets cannot be read (${error.message}); the floor is half of the replicas`);
    return undefined;
  }
}

/** The budgets that select a pod that is there, or one that is made anew. */
export const budgetsOf = (budgets: readonly KubeObject[], { set, pods }: Pick<Facts, 'set' | 'pods'>): KubeObject[] => {
  const labels = [...pods.map((pod) => pod.labels), labelsToCome(set, set.start)];
  return budgets.filter((budget) => labels.some((each) => labelsMatch(field(budget, 'spec', 'selector'), each)));
};

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
