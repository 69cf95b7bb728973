/** The minimum that PodDisruptionBudgets ask for: the default floor. */

import type { MinServing } from '../core/intent.ts';
import { labelsMatch } from '../core/label-selector.ts';
import { field, number } from '../core/read.ts';
import type { StatefulSetFacts } from '../core/stateful-set.ts';
import { StatusError } from '../errors.ts';
import type { World } from '../ports.ts';
import { POD_DISRUPTION_BUDGETS } from '../resources.ts';

/**
 * The largest status.desiredHealthy of the budgets that select the pods; undefined when there is none, or when the
 * caller may not read budgets (said as a warning: the floor is then half of the replicas).
 */
export async function readBudget(world: World, set: StatefulSetFacts): Promise<MinServing | undefined> {
  try {
    const budgets = await world.kube.list(POD_DISRUPTION_BUDGETS, { signal: world.signal });
    const wanted = budgets.items
      .filter((budget) => labelsMatch(field(budget, 'spec', 'selector'), set.templateLabels))
      .flatMap((budget) => number(budget, 'status', 'desiredHealthy') ?? []);
    return wanted.length === 0 ? undefined : { kind: 'count', count: Math.max(...wanted) };
  } catch (error) {
    if (!(error instanceof StatusError) || error.httpStatus !== 403) throw error;
    world.report.warn(`PodDisruptionBudgets cannot be read (${error.message}); the floor is half of the replicas`);
    return undefined;
  }
}
