/** Every resource the sandbox serves, and how each one deviates from the plainest. */

import {
  CLUSTER_ROLE_BINDINGS,
  CLUSTER_ROLES,
  CONFIG_MAPS,
  CONTROLLER_REVISIONS,
  DEPLOYMENTS,
  ENDPOINT_SLICES,
  ENDPOINTS,
  EVENTS,
  HORIZONTAL_POD_AUTOSCALERS,
  HORIZONTAL_POD_CRONSCALERS,
  INGRESSES,
  LEASES,
  NAMESPACES,
  NODES,
  PERSISTENT_VOLUME_CLAIMS,
  PERSISTENT_VOLUMES,
  POD_DISRUPTION_BUDGETS,
  PODS,
  REPLICA_SETS,
  ROLE_BINDINGS,
  ROLES,
  SERVICES,
  STATEFUL_SETS,
} from '../../lib/ports/resources.ts';
import type { Resource } from '../../lib/ports.ts';

/** A resource with what discovery and the write path need to know of it. */
export interface ServedResource extends Resource {
  singular: string;
  shortNames: readonly string[];
  categories: readonly string[];
  /** Sub-paths besides the object itself: status, scale, log, … */
  subresources: readonly string[];
  /** metadata.generation counts changes of the spec. */
  countsGenerations: boolean;
  /** A create keeps the status it was sent (nodes); others start without. */
  keepsStatusOnCreate: boolean;
  /** PUT of a missing object creates it. */
  createsOnUpdate: boolean;
  /** PUT must name a resourceVersion. */
  needsVersionOnUpdate: boolean;
  /** DELETE answers with the object instead of a Status. */
  returnsDeleted: boolean;
  /** A custom resource, as an add-on defines it: any field is taken, and no strategic merge patch. */
  isCustom: boolean;
}

type Traits = Partial<Omit<ServedResource, keyof Resource | 'singular'>>;

const serve = (resource: Resource, traits: Traits = {}): ServedResource => ({
  ...resource,
  singular: resource.kind.toLowerCase(),
  shortNames: [],
  categories: [],
  subresources: [],
  countsGenerations: false,
  keepsStatusOnCreate: false,
  createsOnUpdate: false,
  needsVersionOnUpdate: false,
  returnsDeleted: false,
  isCustom: false,
  ...traits,
});

const core = (plural: string, kind: string): Resource => ({ group: '', version: 'v1', plural, kind, namespaced: true });

const POD_SUBRESOURCES = ['status', 'ephemeralcontainers', 'log', 'exec', 'proxy', 'binding', 'eviction'];
const WORKLOAD: Traits = { categories: ['all'], subresources: ['status', 'scale'], countsGenerations: true };
const RBAC: Traits = { createsOnUpdate: true };
const CUSTOM: Traits = { isCustom: true, countsGenerations: true, needsVersionOnUpdate: true };

export const CATALOGUE: readonly ServedResource[] = [
  serve(PODS, {
    shortNames: ['po'],
    categories: ['all'],
    subresources: POD_SUBRESOURCES,
    countsGenerations: true,
    returnsDeleted: true,
  }),
  serve(SERVICES, { shortNames: ['svc'], categories: ['all'], subresources: ['status'], returnsDeleted: true }),
  serve(NODES, { shortNames: ['no'], subresources: ['status'], keepsStatusOnCreate: true }),
  serve(NAMESPACES, { shortNames: ['ns'], subresources: ['status', 'finalize'] }),
  serve(EVENTS, { shortNames: ['ev'], createsOnUpdate: true }),
  serve(ENDPOINTS, { shortNames: ['ep'], createsOnUpdate: true }),
  serve(CONFIG_MAPS, { shortNames: ['cm'] }),
  serve(core('secrets', 'Secret')),
  serve(core('serviceaccounts', 'ServiceAccount'), { shortNames: ['sa'], returnsDeleted: true }),
  serve(PERSISTENT_VOLUMES, { shortNames: ['pv'], subresources: ['status'], returnsDeleted: true }),
  serve(PERSISTENT_VOLUME_CLAIMS, {
    shortNames: ['pvc'],
    subresources: ['status'],
    returnsDeleted: true,
  }),
  serve(STATEFUL_SETS, { ...WORKLOAD, shortNames: ['sts'] }),
  serve(DEPLOYMENTS, { ...WORKLOAD, shortNames: ['deploy'] }),
  serve(REPLICA_SETS, { ...WORKLOAD, shortNames: ['rs'] }),
  serve(CONTROLLER_REVISIONS),
  serve(ENDPOINT_SLICES, { countsGenerations: true }),
  serve(POD_DISRUPTION_BUDGETS, {
    shortNames: ['pdb'],
    subresources: ['status'],
    countsGenerations: true,
    needsVersionOnUpdate: true,
  }),
  serve(HORIZONTAL_POD_AUTOSCALERS, { shortNames: ['hpa'], categories: ['all'], subresources: ['status'] }),
  // TKE's HPC add-on (TKE, HPC description).
  serve(HORIZONTAL_POD_CRONSCALERS, { ...CUSTOM, shortNames: ['hpc'] }),
  serve(INGRESSES, { shortNames: ['ing'], subresources: ['status'], countsGenerations: true }),
  serve(LEASES, { createsOnUpdate: true, needsVersionOnUpdate: true }),
  serve(ROLES, RBAC),
  serve(ROLE_BINDINGS, RBAC),
  serve(CLUSTER_ROLES, RBAC),
  serve(CLUSTER_ROLE_BINDINGS, RBAC),
];

/** `v1` or `apps/v1`. */
export const groupVersion = (resource: Pick<Resource, 'group' | 'version'>): string =>
  resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;

/** The storage key of a resource: its plural and group, for example `statefulsets.apps`. */
export const resourceKey = (resource: Pick<Resource, 'group' | 'plural'>): string =>
  resource.group === '' ? resource.plural : `${resource.plural}.${resource.group}`;

const BY_PATH = new Map(CATALOGUE.map((served) => [`${groupVersion(served)}/${served.plural}`, served]));

/** The resource behind `/api/v1/pods` or `/apis/apps/v1/statefulsets`, if it is served. */
export const findServed = (group: string, version: string, plural: string): ServedResource | undefined =>
  BY_PATH.get(`${groupVersion({ group, version })}/${plural}`);

/** A resource that must be in the catalogue; it is a mistake of this program when it is not. */
export function servedAs(resource: Resource): ServedResource {
  const served = findServed(resource.group, resource.version, resource.plural);
  if (served === undefined) throw new TypeError(`${resource.plural} is not in the catalogue`);
  return served;
}
