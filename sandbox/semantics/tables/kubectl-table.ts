import type { KubeObject, Resource } from '../../../lib/ports.ts';
import { CLAIM } from './claim-columns.ts';
import type { Columns } from './columns.ts';
import { CONFIG_MAP, CONTROLLER_REVISION, GENERIC, LEASE, NAMESPACE } from './data-columns.ts';
import { ENDPOINT_SLICE, ENDPOINTS } from './endpoints-columns.ts';
import { EVENT } from './event.ts';
import { NODE } from './node.ts';
import { POD } from './pod-columns.ts';
import { SERVICE } from './service-columns.ts';
import { BUDGET, DEPLOYMENT, HORIZONTAL_POD_AUTOSCALER, REPLICA_SET, STATEFUL_SET } from './workload-columns.ts';

/** By `plural/group`, of the kinds that a person lists in a rehearsal (sandbox/README.md). */
export const TABLES: Readonly<Record<string, Columns>> = {
  'pods/': POD,
  'services/': SERVICE,
  'endpoints/': ENDPOINTS,
  'events/': EVENT,
  'nodes/': NODE,
  'namespaces/': NAMESPACE,
  'configmaps/': CONFIG_MAP,
  'persistentvolumeclaims/': CLAIM,
  'statefulsets/apps': STATEFUL_SET,
  'deployments/apps': DEPLOYMENT,
  'replicasets/apps': REPLICA_SET,
  'controllerrevisions/apps': CONTROLLER_REVISION,
  'endpointslices/discovery.k8s.io': ENDPOINT_SLICE,
  'poddisruptionbudgets/policy': BUDGET,
  'horizontalpodautoscalers/autoscaling': HORIZONTAL_POD_AUTOSCALER,
  'leases/coordination.k8s.io': LEASE,
};

export interface KubectlTableOptions {
  /** The moment that ages are counted from. */
  nowMs: number;
  /** How much of each object its row carries. */
  includeObject: 'Metadata' | 'None' | 'Object';
  /** False in every event of a watch but the first. */
  withColumns: boolean;
}

/** A meta.k8s.io/v1 Table with kubectl's columns; those for `-o wide` have priority 1. Resources not known here show NAME and AGE. */
export function renderTable(resource: Resource, objects: readonly KubeObject[], options: KubectlTableOptions): object {
  const columns = TABLES[`${resource.plural}/${resource.group}`] ?? GENERIC;
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: {},
    columnDefinitions: options.withColumns ? columns.definitions : [],
    rows: objects.map((object) => ({
      cells: columns.cells(object, options.nowMs),
      ...rowConditions(resource, object),
      ...rowObject(object, options.includeObject),
    })),
  };
}

function rowObject(object: KubeObject, include: KubectlTableOptions['includeObject']): object {
  switch (include) {
    case 'None':
      return {};
    case 'Object':
      return { object };
    case 'Metadata':
      return {
        object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata },
      };
  }
}

/** Pods that are over are marked, so that a client can leave them out. */
function rowConditions(resource: Resource, object: KubeObject): object {
  const phase = (object['status'] as { phase?: unknown } | undefined)?.phase;
  if (resource.plural !== 'pods' || (phase !== 'Succeeded' && phase !== 'Failed')) {
    return {};
  }
  const message = phase === 'Succeeded' ? 'The pod has completed successfully.' : 'The pod failed.';
  return { conditions: [{ type: 'Completed', status: 'True', reason: phase, message }] };
}
