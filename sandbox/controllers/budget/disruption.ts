/** Keeps the status of PodDisruptionBudgets, which the eviction API decides by. */
import { isDeepStrictEqual } from 'node:util';
import { POD_DISRUPTION_BUDGETS, PODS, STATEFUL_SETS } from '../../../lib/ports/resources.ts';
import type { Kube } from '../../../lib/ports.ts';
import { keyOf, splitKey } from '../../common/informer.ts';
import type { Running } from '../../common/running.ts';
import { matchesLabelSelector } from '../../semantics/select/selectors.ts';
import { controllerOf } from '../controller-ref.ts';
import type { ControllerOptions, Pod, StatefulSet } from '../controller-types.ts';
import { type Controller, startController } from '../start-controller.ts';
import { tolerate } from '../tolerate.ts';
import { budgetStatus, type DisruptionBudget, EVICTION_MEMORY_MS } from './budget-status.ts';

const DISRUPTION_CONTROLLER: Controller<'budgets' | 'pods' | 'sets'> = {
  component: 'disruption-controller',
  watches: { budgets: POD_DISRUPTION_BUDGETS, pods: PODS, sets: STATEFUL_SETS },

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
      ({ metadata }) => metadata.namespace === namespace && matchesLabelSelector(selector, metadata.labels ?? {}),
    );
    const wantedBy = (pod: Pod): number | undefined => {
      const owner = controllerOf(pod);
      const set = copies.sets.get(namespace, owner?.name ?? '') as StatefulSet | undefined;
      return set !== undefined && set.metadata.uid === owner?.uid ? (set.spec.replicas ?? 1) : undefined;
    };
    const status = budgetStatus({ budget, pods, wantedBy, nowMs: clock.now() });
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
