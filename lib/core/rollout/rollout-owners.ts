/** Other programs that take pods away while a rolling update is on. */
import { type Finding, ok, some, warn } from '../check/findings.ts';
import { number } from '../values/read.ts';
import { rolloutBounds } from '../values/rolling-limits.ts';
import type { RolloutFacts } from './rollout-facts.ts';
import { workloadText } from './workload.ts';

export const rolloutOwners = (facts: RolloutFacts): Finding[] => [budgetFinding(facts), scalerFinding(facts)];

/** The controller deletes pods and evicts none, so no budget is asked (Kubernetes: disruptions). */
function budgetFinding({ budgets, workload }: RolloutFacts): Finding {
  const unasked = 'a rolling update does not ask a PodDisruptionBudget';
  if (!budgets.known)
    return warn(
      'rolling update',
      'rollout-budget',
      `${unasked}; whether one selects the pods is unknown: ${budgets.because}`,
    );
  if (budgets.value.length === 0)
    return ok(
      'rolling update',
      'rollout-budget',
      `no PodDisruptionBudget; ${unasked}, only node drains and evictions do`,
    );
  const names = some(budgets.value.map(({ metadata }) => `poddisruptionbudget/${metadata.name}`));
  const wanted = Math.max(...budgets.value.map((budget) => number(budget, 'status', 'desiredHealthy') ?? 0));
  const fewest = workload.strategy === 'RollingUpdate' ? rolloutBounds(workload.rolling, workload.replicas).fewest : 0;
  if (wanted <= fewest)
    return ok(
      'rolling update',
      'rollout-budget',
      `${names} asks for ${wanted} healthy pods; ${unasked}, and leaves at least ${fewest} by its own arithmetic`,
    );
  return warn(
    'rolling update',
    'rollout-budget',
    `${names} asks for ${wanted} healthy pods, and ${unasked}: it leaves at least ${fewest}`,
  );
}

function scalerFinding({ autoscalers, workload }: RolloutFacts): Finding {
  if (!autoscalers.known)
    return warn('rolling update', 'rollout-scaler', `whether an autoscaler exists is unknown: ${autoscalers.because}`);
  if (autoscalers.value.length === 0)
    return ok(
      'rolling update',
      'rollout-scaler',
      `no autoscaler is known to set the replicas of ${workloadText(workload)}`,
    );
  const message = `${some(autoscalers.value.map(({ object, does }) => `${object} ${does}`))}: it may scale in during the update, and each pod that it takes away ends as in a rolling update, preStop and all`;
  return warn('rolling update', 'rollout-scaler', message);
}
