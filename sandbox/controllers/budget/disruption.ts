/** Keeps the status of PodDisruptionBudgets, which the eviction API decides by. */
import { isDeepStrictEqual } from 'node:util';
import { labelsMatch } from '../../../lib/core/values/label-selector.ts';
import {
  DEPLOYMENTS,
  POD_DISRUPTION_BUDGETS,
  PODS,
  REPLICA_SETS,
  STATEFUL_SETS,
} from '../../../lib/ports/resources.ts';
import type { Kube, KubeObject } from '../../../lib/ports.ts';
import { keyOf, splitKey } from '../../common/informer.ts';
import type { Running } from '../../common/running.ts';
import { controllerOf } from '../controller-ref.ts';
import type { ControllerOptions, Deployment, Pod, ReplicaSet, StatefulSet } from '../controller-types.ts';
import { type Controller, type Copies, startController } from '../start-controller.ts';
import { tolerate } from '../tolerate.ts';
import { budgetStatus, type DisruptionBudget, EVICTION_MEMORY_MS } from './budget-status.ts';

type Watched = 'budgets' | 'pods' | 'sets' | 'replicaSets' | 'deployments';

const DISRUPTION_CONTROLLER: Controller<Watched> = {
  component: 'disruption-controller',
  watches: {
    budgets: POD_DISRUPTION_BUDGETS,
    pods: PODS,
    sets: STATEFUL_SETS,
    replicaSets: REPLICA_SETS,
    deployments: DEPLOYMENTS,
  },

  keysAfter(name, object, { budgets }) {
    if (name === 'budgets') return [keyOf(object)];
    const { namespace } = object.metadata;
    return budgets
      .list()
      .filter((budget) => budget.metadata.namespace === namespace)
      .map(keyOf);
  },

  async reconcile(key, { kube, copies, clock, enqueue }) {
    const { namespace, name } = splitKey(key);
    const budget = copies.budgets.get(namespace, name) as DisruptionBudget | undefined;
    if (budget === undefined || budget.metadata.deletionTimestamp !== undefined) return;
    const { selector } = budget.spec;
    const pods = (copies.pods.list() as Pod[]).filter(
      ({ metadata }) => metadata.namespace === namespace && labelsMatch(selector, metadata.labels ?? {}),
    );
    const status = budgetStatus({ budget, pods, wantedBy: (pod) => wantedBy(pod, copies), nowMs: clock.now() });
    if (status.disruptedPods !== undefined) enqueue(key, EVICTION_MEMORY_MS);
    if (isDeepStrictEqual(withoutEmpty(budget.status), status)) return;
    // A merge patch keeps what it does not name: evictions that are over must be named to go.
    const over = Object.keys(budget.status?.disruptedPods ?? {}).filter((pod) => !status.disruptedPods?.[pod]);
    const disruptedPods = { ...status.disruptedPods, ...Object.fromEntries(over.map((pod) => [pod, null])) };
    const evictions = Object.keys(disruptedPods).length > 0 ? { disruptedPods } : {};
    // With the version: an eviction that the API server allows meanwhile must not be forgotten.
    const { resourceVersion } = budget.metadata;
    const patch = { metadata: { resourceVersion }, status: { ...status, ...evictions } };
    await tolerate(() =>
      kube.patch(POD_DISRUPTION_BUDGETS, name, patch, { type: 'merge', subresource: 'status', namespace }),
    );
  },
};

/** The replicas that the owner of the pod asks for: its StatefulSet, or the Deployment of its ReplicaSet, or that ReplicaSet. */
function wantedBy(pod: Pod, { sets, replicaSets, deployments }: Copies<Watched>): number | undefined {
  const set = ownerAmong(pod, sets) ?? ownerAmong(pod, replicaSets);
  const scaled = set === undefined ? undefined : (ownerAmong(set, deployments) ?? set);
  return scaled === undefined ? undefined : (scaled.spec.replicas ?? 1);
}

function ownerAmong(object: KubeObject, owners: Copies<Watched>[Watched]) {
  const reference = controllerOf(object);
  const owner = owners.get(object.metadata.namespace ?? '', reference?.name ?? '');
  return owner !== undefined && owner.metadata.uid === reference?.uid
    ? (owner as StatefulSet | ReplicaSet | Deployment)
    : undefined;
}

/** Starts the controller for all namespaces. */
export function startDisruptionController(kube: Kube, options: ControllerOptions = {}): Running {
  return startController(kube, DISRUPTION_CONTROLLER, options);
}

// An emptied map of evictions stays behind as {}.
function withoutEmpty(status: DisruptionBudget['status']): DisruptionBudget['status'] {
  if (status?.disruptedPods === undefined || Object.keys(status.disruptedPods).length > 0) return status;
  const { disruptedPods: _none, ...rest } = status;
  return rest;
}
