/** DELETE: preconditions, grace for pods, finalizers, and only then the end (Kubernetes: rest.BeforeDelete and the registry's store). */
import type { KubeObject, ObjectMeta } from '../../../../lib/ports.ts';
import { asList, asMap, asText } from '../../../semantics/json.ts';
import type { ServedResource } from '../../catalogue.ts';
import { conflict, forbidden } from '../../http/api-error.ts';
import { freezeDeep } from '../../store/frozen.ts';
import { rfc3339 } from '../read/query.ts';
import type { RestCluster } from '../rest-cluster.ts';
import type { DeleteRequest, Propagation } from './delete-options.ts';

export interface DeleteResult {
  /** Its last state, or the state in which grace or finalizers keep it. */
  object: KubeObject;
  gone: boolean;
}

/** Foreground and orphaning deletion are finalizers, which the garbage collector takes away when it is done. */
const PROPAGATION_FINALIZERS: Readonly<Record<Propagation, string | undefined>> = {
  Background: undefined,
  Foreground: 'foregroundDeletion',
  Orphan: 'orphan',
};

/** Deletes, or begins to. Throws 409 when a precondition does not hold. */
export function deleteObject(
  cluster: RestCluster,
  resource: ServedResource,
  live: KubeObject,
  options: DeleteRequest,
): DeleteResult {
  checkPreconditions(resource, live, options);
  if (resource.kind === 'Namespace') return deleteNamespace(cluster, resource, live, options);
  const grace = graceOf(resource, live, options);
  if (grace === 'pending') return { object: live, gone: false };
  const finalizers = withPropagation(live.metadata.finalizers ?? [], options.propagation);
  const held = finalizers.length > 0 || grace > 0;
  const marked = held || resource.kind === 'Pod' ? mark(cluster, live, grace, finalizers) : live;
  if (options.dryRun) return { object: freezeDeep(marked), gone: !held };
  // A pod is written once more before it goes: its watchers see grace 0 first.
  const last = marked === live ? live : cluster.store.put(resource, marked);
  return held ? { object: last, gone: false } : { object: cluster.store.remove(resource, last), gone: true };
}

/** Throws 409 when the uid or the resourceVersion is not the one that the caller named. */
export function checkPreconditions(resource: ServedResource, live: KubeObject, options: DeleteRequest): void {
  const { uid, resourceVersion, name } = live.metadata;
  // The real server names the kind here, not the resource.
  const kind = { group: resource.group, name: resource.kind };
  if (options.uid !== undefined && options.uid !== uid) {
    const because = `the UID in the precondition (${options.uid}) does not match the UID in record (${uid}). The object might have been deleted and then recreated`;
    throw conflict(kind, name, because);
  }
  if (options.resourceVersion !== undefined && options.resourceVersion !== resourceVersion) {
    const because = `the ResourceVersion in the precondition (${options.resourceVersion}) does not match the ResourceVersion in record (${resourceVersion}). The object might have been modified`;
    throw conflict(kind, name, because);
  }
}

/** Seconds until the object may be removed; 'pending' when it is already going and this deletion does not shorten its grace. */
function graceOf(resource: ServedResource, live: KubeObject, options: DeleteRequest): number | 'pending' {
  const asked = options.gracePeriodSeconds;
  // A negative grace means the shortest there is, not none.
  const wanted = asked !== undefined && asked < 0 ? 1 : asked;
  const { deletionTimestamp, deletionGracePeriodSeconds = 0 } = live.metadata;
  if (deletionTimestamp !== undefined) {
    return wanted === undefined || wanted >= deletionGracePeriodSeconds ? 'pending' : wanted;
  }
  if (resource.kind !== 'Pod') return 0;
  const spec = asMap(live['spec']);
  const phase = asText(asMap(live['status'])['phase']);
  // No kubelet would report the end of a pod that no kubelet runs.
  if (asText(spec['nodeName']) === '' || phase === 'Failed' || phase === 'Succeeded') return 0;
  return wanted ?? Number(spec['terminationGracePeriodSeconds'] ?? 0);
}

function withPropagation(finalizers: readonly string[], propagation: Propagation | undefined): readonly string[] {
  if (propagation === undefined) return finalizers;
  const known = Object.values(PROPAGATION_FINALIZERS);
  const added = PROPAGATION_FINALIZERS[propagation];
  return [...finalizers.filter((name) => !known.includes(name)), ...(added === undefined ? [] : [added])];
}

/** The object as its deletion leaves it; a shortened grace counts from the first request. */
function mark(cluster: RestCluster, live: KubeObject, grace: number, finalizers: readonly string[]): KubeObject {
  const { finalizers: _old, ...others } = live.metadata;
  const { deletionTimestamp, deletionGracePeriodSeconds = 0, generation } = others;
  const isFirst = deletionTimestamp === undefined;
  const beganMs = isFirst ? cluster.now() : Date.parse(deletionTimestamp) - deletionGracePeriodSeconds * 1000;
  const metadata: ObjectMeta = {
    ...others,
    deletionTimestamp: rfc3339(beganMs + grace * 1000),
    deletionGracePeriodSeconds: grace,
    ...(isFirst && generation !== undefined ? { generation: generation + 1 } : {}),
    ...(finalizers.length === 0 ? {} : { finalizers: [...finalizers] }),
  };
  return { ...live, metadata };
}

const IMMORTAL: ReadonlySet<string> = new Set(['default', 'kube-system']);

/** A namespace goes in two steps: marked now, removed when its last content and finalizer are gone. */
function deleteNamespace(
  cluster: RestCluster,
  resource: ServedResource,
  live: KubeObject,
  options: DeleteRequest,
): DeleteResult {
  if (IMMORTAL.has(live.metadata.name)) {
    throw forbidden({ group: '', name: resource.plural }, live.metadata.name, 'this namespace may not be deleted');
  }
  if (live.metadata.deletionTimestamp !== undefined && asList(asMap(live['spec'])['finalizers']).length > 0) {
    const because =
      'The system is ensuring all content is removed from this namespace.  Upon completion, this namespace will automatically be purged by the system.';
    throw conflict({ group: '', name: resource.plural }, live.metadata.name, because);
  }
  const metadata = { ...live.metadata, deletionTimestamp: rfc3339(cluster.now()) };
  const marked = { ...live, metadata, status: { ...asMap(live['status']), phase: 'Terminating' } };
  return { object: options.dryRun ? freezeDeep(marked) : cluster.store.put(resource, marked), gone: false };
}
