/** Eviction: a deletion that asks the PodDisruptionBudget first (Kubernetes: policy/v1 Eviction). */

import { labelsMatch } from '../../../../lib/core/values/label-selector.ts';
import { POD_DISRUPTION_BUDGETS } from '../../../../lib/ports/resources.ts';
import type { KubeObject } from '../../../../lib/ports.ts';
import { asMap, asMaps, asText, type JsonMap } from '../../../semantics/json.ts';
import { type ServedResource, servedAs } from '../../catalogue.ts';
import { ApiError, internalError } from '../../http/api-error.ts';
import { rfc3339 } from '../read/query.ts';
import type { RestCluster } from '../rest-cluster.ts';
import { checkPreconditions, deleteObject } from '../write/delete.ts';
import type { DeleteRequest } from '../write/delete-options.ts';

/** Throws 429 while the budget allows no disruption, 500 when two budgets select the pod, 409 on a failed precondition. */
export function evictPod(cluster: RestCluster, pods: ServedResource, pod: KubeObject, options: DeleteRequest): void {
  if (!needsBudget(pod)) {
    deleteObject(cluster, pods, pod, options);
    return;
  }
  const budget = budgetOf(cluster, pod);
  if (budget !== undefined && !isSpared(pod, budget)) spend(cluster, budget, pod, options.dryRun);
  // Only now, as the real server does it: an eviction of the wrong pod has spent the budget all the same.
  checkPreconditions(pods, pod, options);
  const marked = options.dryRun ? pod : cluster.store.put(pods, withDisruptionTarget(cluster, pod));
  const { resourceVersion: _checked, ...rest } = options;
  deleteObject(cluster, pods, marked, rest);
}

/** A pod that serves no one, or is terminating, costs no budget. */
function needsBudget(pod: KubeObject): boolean {
  const phase = asText(asMap(pod['status'])['phase']);
  return pod.metadata.deletionTimestamp === undefined && !['Pending', 'Succeeded', 'Failed'].includes(phase);
}

function budgetOf(cluster: RestCluster, pod: KubeObject): KubeObject | undefined {
  const budgets = cluster.store
    .table(POD_DISRUPTION_BUDGETS)
    .list(pod.metadata.namespace)
    .filter((budget) => labelsMatch(asMap(budget['spec'])['selector'], pod.metadata.labels ?? {}));
  if (budgets.length > 1) {
    throw internalError(
      'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
    );
  }
  return budgets[0];
}

/** An unready pod may go when the policy says so, or when enough healthy ones are left anyway. */
function isSpared(pod: KubeObject, budget: KubeObject): boolean {
  const conditions = asMaps(asMap(pod['status'])['conditions']);
  if (conditions.some(({ type, status }) => type === 'Ready' && status === 'True')) return false;
  if (asMap(budget['spec'])['unhealthyPodEvictionPolicy'] === 'AlwaysAllow') return true;
  const { currentHealthy, desiredHealthy } = counts(budget);
  return desiredHealthy > 0 && currentHealthy >= desiredHealthy;
}

function counts(budget: KubeObject): { currentHealthy: number; desiredHealthy: number; disruptionsAllowed: number } {
  const status = asMap(budget['status']);
  const count = (name: string): number => Number(status[name] ?? 0);
  return {
    currentHealthy: count('currentHealthy'),
    desiredHealthy: count('desiredHealthy'),
    disruptionsAllowed: count('disruptionsAllowed'),
  };
}

function spend(cluster: RestCluster, budget: KubeObject, pod: KubeObject, dryRun: boolean): void {
  const { name, generation = 0 } = budget.metadata;
  const status: JsonMap = asMap(budget['status']);
  if (Number(status['observedGeneration'] ?? 0) < generation) {
    throw tooManyRequests(`The disruption budget ${name} is still being processed by the server.`, 10);
  }
  const { currentHealthy, desiredHealthy, disruptionsAllowed } = counts(budget);
  if (disruptionsAllowed <= 0) {
    throw tooManyRequests(
      `The disruption budget ${name} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`,
    );
  }
  if (dryRun) return;
  cluster.store.put(servedAs(POD_DISRUPTION_BUDGETS), {
    ...budget,
    status: {
      ...status,
      disruptionsAllowed: disruptionsAllowed - 1,
      disruptedPods: { ...asMap(status['disruptedPods']), [pod.metadata.name]: rfc3339(cluster.now()) },
    },
  });
}

const tooManyRequests = (message: string, retryAfterSeconds?: number): ApiError =>
  new ApiError(429, 'TooManyRequests', "Cannot evict pod as it would violate the pod's disruption budget.", {
    causes: [{ reason: 'DisruptionBudget', message }],
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  });

function withDisruptionTarget(cluster: RestCluster, pod: KubeObject): KubeObject {
  const status = asMap(pod['status']);
  const condition = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'EvictionByEvictionAPI',
    message: 'Eviction API: evicting',
    lastTransitionTime: rfc3339(cluster.now()),
  };
  const others = asMaps(status['conditions']).filter(({ type }) => type !== 'DisruptionTarget');
  return { ...pod, status: { ...status, conditions: [...others, condition] } };
}
