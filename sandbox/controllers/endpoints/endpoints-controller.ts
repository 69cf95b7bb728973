/** Keeps Endpoints and EndpointSlices of every Service with a selector. */
import { isDeepStrictEqual } from 'node:util';
import { ENDPOINT_SLICES, ENDPOINTS, PODS, SERVICES } from '../../../lib/ports/resources.ts';
import type { Kube, KubeObject, Resource } from '../../../lib/ports.ts';
import { keyOf, splitKey } from '../../common/informer.ts';
import type { Running } from '../../common/running.ts';
import { systemClock } from '../../common/system-clock.ts';
import type { ControllerOptions, Pod } from '../controller-types.ts';
import { type Controller, startController } from '../start-controller.ts';
import { tolerate } from '../tolerate.ts';
import { endpointGroups, type Service, selectsPods } from './endpoint-groups.ts';
import {
  endpointSlices,
  endpointsObject,
  MANAGED_BY,
  MANAGED_BY_LABEL,
  SERVICE_NAME_LABEL,
} from './endpoint-objects.ts';
import { lateWatch } from './late-watch.ts';

const ENDPOINTS_CONTROLLER: Controller<'services' | 'pods' | 'endpoints' | 'slices'> = {
  component: 'endpoints-controller',
  watches: { services: SERVICES, pods: PODS, endpoints: ENDPOINTS, slices: ENDPOINT_SLICES },

  keysAfter(name, object, { services }) {
    const namespace = object.metadata.namespace ?? '';
    if (name === 'slices') return isOurs(object) ? [`${namespace}/${serviceNameOf(object)}`] : [];
    if (name !== 'pods') return [keyOf(object)];
    // All Services of the namespace: a pod may just have lost the label that one of them selects.
    const near = services.list().filter((service) => service.metadata.namespace === namespace);
    return near.filter((service) => selectsPods(service as Service)).map(keyOf);
  },

  async reconcile(key, { kube, copies }) {
    const { namespace, name } = splitKey(key);
    const service = copies.services.get(namespace, name) as Service | undefined;
    const oldSlices = copies.slices
      .list()
      .filter((slice) => slice.metadata.namespace === namespace && serviceNameOf(slice) === name && isOurs(slice));
    const oldEndpoints = copies.endpoints.get(namespace, name);
    if (service !== undefined && !selectsPods(service)) return;
    const groups = service === undefined ? [] : endpointGroups(service, copies.pods.list() as Pod[]);
    const wantedEndpoints = service === undefined ? [] : [endpointsObject(service, groups)];
    const wantedSlices = service === undefined ? [] : endpointSlices(service, groups);
    await apply(kube, ENDPOINTS, oldEndpoints ? [oldEndpoints] : [], wantedEndpoints, ['subsets']);
    await apply(kube, ENDPOINT_SLICES, oldSlices, wantedSlices, ['endpoints', 'ports']);
  },
};

export interface EndpointsOptions extends ControllerOptions {
  /** How long a pod's change takes to show in its Endpoints, ms; default 0. */
  lagMs?: number;
}

/** Starts the controller for all namespaces. A real API server refuses endpoints on loopback addresses; that is logged and tried again. */
export function startEndpointsController(kube: Kube, options: EndpointsOptions = {}): Running {
  const { lagMs = 0, clock = systemClock } = options;
  return startController(lateWatch(kube, PODS, lagMs, clock), ENDPOINTS_CONTROLLER, options);
}

const isOurs = (slice: KubeObject): boolean => slice.metadata.labels?.[MANAGED_BY_LABEL] === MANAGED_BY;
const serviceNameOf = (slice: KubeObject): string => slice.metadata.labels?.[SERVICE_NAME_LABEL] ?? '';

/** Creates, patches and deletes until the stored objects are the wanted ones, as far as labels and `fields` go. */
async function apply(
  kube: Kube,
  resource: Resource,
  stored: readonly KubeObject[],
  wanted: readonly KubeObject[],
  fields: readonly string[],
): Promise<void> {
  for (const object of wanted) {
    const { name, namespace = '' } = object.metadata;
    const old = stored.find((one) => one.metadata.name === name);
    if (old === undefined) {
      await tolerate(() => kube.create(resource, object, { namespace }));
      continue;
    }
    const patch: Record<string, unknown> = {};
    for (const field of fields) if (!isDeepStrictEqual(old[field], object[field])) patch[field] = object[field] ?? null;
    const labels = labelChanges(old, object);
    if (labels !== undefined) patch['metadata'] = { labels };
    if (Object.keys(patch).length > 0)
      await tolerate(() => kube.patch(resource, name, patch, { type: 'merge', namespace }));
  }
  for (const old of stored) {
    const { name, namespace = '', uid } = old.metadata;
    if (wanted.some((object) => object.metadata.name === name)) continue;
    await tolerate(() => kube.delete(resource, name, { namespace, uid }));
  }
}

function labelChanges(old: KubeObject, wanted: KubeObject): Record<string, string | null> | undefined {
  const before = old.metadata.labels ?? {};
  const after = wanted.metadata.labels ?? {};
  if (isDeepStrictEqual(before, after)) return undefined;
  return { ...Object.fromEntries(Object.keys(before).map((label) => [label, null])), ...after };
}
