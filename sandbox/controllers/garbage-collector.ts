/**
 * Deletes objects without an owner, and finishes orphaning and foreground deletions, which the API server
 * only marks with finalizers (Kubernetes: garbage collection).
 */
import { StatusError } from '../../lib/core/errors.ts';
import {
  CONFIG_MAPS,
  CONTROLLER_REVISIONS,
  DEPLOYMENTS,
  ENDPOINT_SLICES,
  ENDPOINTS,
  LEASES,
  NODES,
  PERSISTENT_VOLUME_CLAIMS,
  POD_DISRUPTION_BUDGETS,
  PODS,
  REPLICA_SETS,
  SERVICES,
  STATEFUL_SETS,
} from '../../lib/ports/resources.ts';
import type { Kube, KubeObject, OwnerReference, Resource } from '../../lib/ports.ts';
import { keyOf, splitKey } from '../common/informer.ts';
import type { Running } from '../common/running.ts';
import type { ControllerOptions } from './controller-types.ts';
import { type Controller, type Copies, startController, type Workbench } from './start-controller.ts';
import { tolerate } from './tolerate.ts';

const COLLECTED = [
  CONFIG_MAPS,
  CONTROLLER_REVISIONS,
  DEPLOYMENTS,
  ENDPOINT_SLICES,
  ENDPOINTS,
  LEASES,
  NODES,
  PERSISTENT_VOLUME_CLAIMS,
  POD_DISRUPTION_BUDGETS,
  PODS,
  REPLICA_SETS,
  SERVICES,
  STATEFUL_SETS,
];
const BY_PLURAL = new Map(COLLECTED.map((resource) => [resource.plural, resource]));

/** After a write that was overtaken, or while dependants are still going. */
const RECHECK_MS = 200;

const FOREGROUND = 'foregroundDeletion';
const ORPHAN = 'orphan';

interface Dependant {
  resource: Resource;
  object: KubeObject;
}

/** Starts the collector for all namespaces. Owners of kinds it does not know are taken to be alive. */
export function startGarbageCollector(kube: Kube, options: ControllerOptions = {}): Running {
  // A uid never comes back, so an owner once found gone need not be asked for again.
  const gone = new Set<string>();
  const collector: Controller<string> = {
    component: 'garbage-collector',
    watches: Object.fromEntries(BY_PLURAL),
    keysAfter(plural, object, copies) {
      const affected = dependantsOf(object, copies).map((one) => `${one.resource.plural}:${keyOf(one.object)}`);
      return [`${plural}:${keyOf(object)}`, ...affected, ...ownersOf(object)];
    },
    async reconcile(key, bench) {
      const [plural = '', path = ''] = key.split(':');
      const resource = BY_PLURAL.get(plural);
      const { namespace, name } = splitKey(path);
      const object = bench.copies[plural]?.get(namespace, name);
      if (resource === undefined || object === undefined) return;
      const one = { resource, object };
      const done = (await finishDeletion(bench, one)) && (await collect(bench, one, gone));
      if (!done) bench.enqueue(key, RECHECK_MS);
    },
  };
  return startController(kube, collector, options);
}

/** Orphans or deletes the dependants of an object that is being deleted, then lets it go. False: look again. */
async function finishDeletion({ kube, copies }: Workbench<string>, { resource, object }: Dependant): Promise<boolean> {
  const { name, namespace = '', resourceVersion, deletionTimestamp, finalizers = [] } = object.metadata;
  const mark = finalizers.find((finalizer) => finalizer === ORPHAN || finalizer === FOREGROUND);
  if (deletionTimestamp === undefined || mark === undefined) return true;
  const dependants = dependantsOf(object, copies);
  if (dependants.length > 0) {
    const settle = (one: Dependant) => (mark === ORPHAN ? disown(kube, one, [object.metadata.uid]) : remove(kube, one));
    await Promise.all(dependants.map(settle));
    return false;
  }
  const metadata = { resourceVersion, finalizers: finalizers.filter((finalizer) => finalizer !== mark) };
  return tolerate(() => kube.patch(resource, name, { metadata }, { type: 'merge', namespace }));
}

/** Deletes an object all of whose owners are gone, or takes the dead ones off its list. False: look again. */
async function collect({ kube, copies }: Workbench<string>, one: Dependant, gone: Set<string>): Promise<boolean> {
  const owners = one.object.metadata.ownerReferences ?? [];
  if (owners.length === 0 || one.object.metadata.deletionTimestamp !== undefined) return true;
  const dead: OwnerReference[] = [];
  for (const owner of owners) if (await isGone(kube, copies, one.object, owner, gone)) dead.push(owner);
  if (dead.length === 0) return true;
  if (dead.length === owners.length) return remove(kube, one);
  return disown(
    kube,
    one,
    dead.map((owner) => owner.uid),
  );
}

async function isGone(
  kube: Kube,
  copies: Copies<string>,
  dependant: KubeObject,
  owner: OwnerReference,
  gone: Set<string>,
): Promise<boolean> {
  if (gone.has(owner.uid)) return true;
  const resource = COLLECTED.find((candidate) => isKindOf(candidate, owner));
  if (resource === undefined) return false;
  const namespace = resource.namespaced ? (dependant.metadata.namespace ?? '') : '';
  if (copies[resource.plural]?.get(namespace, owner.name)?.metadata.uid === owner.uid) return false;
  // The copy may lag behind: only the server's own answer condemns.
  try {
    const found = await kube.get(resource, owner.name, { namespace });
    if (found.metadata.uid === owner.uid) return false;
  } catch (error) {
    if (!(error instanceof StatusError && error.httpStatus === 404)) throw error;
  }
  gone.add(owner.uid);
  return true;
}

async function remove(kube: Kube, { resource, object }: Dependant): Promise<boolean> {
  const { name, namespace = '', uid, deletionTimestamp } = object.metadata;
  if (deletionTimestamp !== undefined) return true;
  await tolerate(() => kube.delete(resource, name, { namespace, uid, propagationPolicy: 'Background' }));
  return true;
}

async function disown(
  kube: Kube,
  { resource, object }: Dependant,
  uids: readonly (string | undefined)[],
): Promise<boolean> {
  const { name, namespace = '', resourceVersion, ownerReferences = [] } = object.metadata;
  const rest = ownerReferences.filter((owner) => !uids.includes(owner.uid));
  // With the version: the list of owners is replaced as a whole.
  const metadata = { resourceVersion, ownerReferences: rest };
  return tolerate(() => kube.patch(resource, name, { metadata }, { type: 'merge', namespace }));
}

function dependantsOf(owner: KubeObject, copies: Copies<string>): Dependant[] {
  const { uid } = owner.metadata;
  return COLLECTED.flatMap((resource) =>
    (copies[resource.plural]?.list() ?? [])
      .filter((object) => object.metadata.ownerReferences?.some((reference) => reference.uid === uid))
      .map((object) => ({ resource, object })),
  );
}

// An owner that waits for its dependants to go must be looked at when one has gone.
function ownersOf(object: KubeObject): string[] {
  return (object.metadata.ownerReferences ?? []).flatMap((owner) => {
    const resource = COLLECTED.find((candidate) => isKindOf(candidate, owner));
    if (resource === undefined) return [];
    const namespace = resource.namespaced ? `${object.metadata.namespace ?? ''}/` : '';
    return [`${resource.plural}:${namespace}${owner.name}`];
  });
}

function isKindOf(resource: Resource, owner: OwnerReference): boolean {
  const group = owner.apiVersion.includes('/') ? owner.apiVersion.split('/')[0] : '';
  return resource.kind === owner.kind && resource.group === group;
}
