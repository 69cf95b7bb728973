/** PUT, and the end of every PATCH: what a write may change, what it must match, and what the server adds. */
import { isDeepStrictEqual } from 'node:util';
import type { KubeObject, ObjectMeta } from '../../../../lib/ports.ts';
import { trackUpdate } from '../../../semantics/apply/apply-patch.ts';
import { withDefaults } from '../../../semantics/defaults/set-defaults.ts';
import { asList, asMap } from '../../../semantics/json.ts';
import { groupVersion, type ServedResource } from '../../catalogue.ts';
import { conflict, type GroupName, invalid, staleVersion } from '../../http/api-error.ts';
import { freezeDeep } from '../../store/frozen.ts';
import { rfc3339, type WriteQuery } from '../read/query.ts';
import type { RestCluster } from '../rest-cluster.ts';
import { checkValid } from './check-valid.ts';
import { dropTypeDependents } from './service-type.ts';

export interface UpdateOptions extends WriteQuery {
  /** 'status', 'finalize' and 'ephemeralcontainers' write that part alone; a write without them leaves those alone. */
  subresource?: 'status' | 'finalize' | 'scale' | 'ephemeralcontainers' | undefined;
  /** managedFields are already right (server-side apply). */
  tracked?: boolean;
}

/**
 * Replaces `live` by `sent`. Throws 409 when the resourceVersion or uid that was sent is not the live one, 422 when
 * the result is invalid. A write that changes nothing makes no new version.
 */
export function updateObject(
  cluster: RestCluster,
  resource: ServedResource,
  live: KubeObject,
  sent: KubeObject,
  options: UpdateOptions,
): KubeObject {
  checkPreconditions({ group: resource.group, name: resource.plural }, live, sent);
  const metadata = systemMetadata(live, sent);
  const merged = mergeParts(resource, live, { ...sent, metadata }, options.subresource);
  const fitted = resource.kind === 'Service' ? dropTypeDependents(merged, live) : merged;
  const defaulted = withDefaults(resource.kind, fitted);
  const counted = withGeneration(resource, live, defaulted);
  checkFinalizers(resource, live, counted);
  checkValid(resource, counted, live, options.subresource);
  const next = resource.kind === 'Service' ? cluster.addresses.allocate(counted, live) : counted;
  return store(
    cluster,
    resource,
    live,
    options.tracked ? next : track(cluster, resource, live, next, options),
    options,
  );
}

function store(
  cluster: RestCluster,
  resource: ServedResource,
  live: KubeObject,
  next: KubeObject,
  options: UpdateOptions,
): KubeObject {
  if (isDeepStrictEqual(withoutTimes(live), withoutTimes(next))) return live;
  if (options.dryRun) return freezeDeep(next);
  return isFinished(live, next) ? cluster.store.remove(resource, next) : cluster.store.put(resource, next);
}

const track = (
  cluster: RestCluster,
  resource: ServedResource,
  live: KubeObject,
  next: KubeObject,
  { manager, subresource }: UpdateOptions,
): KubeObject =>
  trackUpdate(live, next, {
    manager,
    now: rfc3339(cluster.now()),
    apiVersion: groupVersion(resource),
    ...(subresource === undefined ? {} : { subresource }),
  });

function checkPreconditions(resource: GroupName, live: KubeObject, { metadata }: KubeObject): void {
  const { uid = '', resourceVersion = '' } = metadata;
  const { name } = live.metadata;
  if (uid !== '' && uid !== live.metadata.uid) {
    const because = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${live.metadata.uid}`;
    throw conflict(resource, name, because);
  }
  const asked = resourceVersion === '0' ? '' : resourceVersion;
  if (asked !== '' && asked !== live.metadata.resourceVersion) throw staleVersion(resource, name);
}

/** Identity and life cycle belong to the server; labels, annotations, finalizers and owners are the writer's. */
function systemMetadata(live: KubeObject, sent: KubeObject): ObjectMeta {
  const { uid, resourceVersion, generation, creationTimestamp, deletionTimestamp, deletionGracePeriodSeconds } =
    live.metadata;
  const metadata: ObjectMeta = { ...sent.metadata };
  const owned: Record<string, unknown> = {
    uid,
    resourceVersion,
    generation,
    creationTimestamp,
    deletionTimestamp,
    deletionGracePeriodSeconds,
  };
  for (const [key, value] of Object.entries(owned)) {
    if (value === undefined) delete metadata[key];
    else metadata[key] = value;
  }
  return metadata;
}

/** Each part from whom it belongs to: a plain write cannot touch the status, a status write nothing but it and metadata. */
function mergeParts(
  resource: ServedResource,
  live: KubeObject,
  sent: KubeObject,
  subresource: UpdateOptions['subresource'],
): KubeObject {
  if (subresource === 'status') return withPart('status', { ...live, metadata: sent.metadata }, sent);
  if (subresource === 'finalize') return withPart('spec', live, sent);
  if (subresource === 'ephemeralcontainers') return withEphemeralContainers(live, sent);
  const kept = resource.subresources.includes('status') ? withPart('status', sent, live) : sent;
  // A namespace's spec holds its finalizers, which only `finalize` may change.
  return resource.kind === 'Namespace' ? withPart('spec', kept, live) : kept;
}

/** The live pod with the ephemeral containers that were sent; whatever else was sent is passed over (Kubernetes: podEphemeralContainersStrategy). */
function withEphemeralContainers(live: KubeObject, sent: KubeObject): KubeObject {
  const { ephemeralContainers: _replaced, ...spec } = asMap(live['spec']);
  const { ephemeralContainers } = asMap(sent['spec']);
  return { ...live, spec: ephemeralContainers === undefined ? spec : { ...spec, ephemeralContainers } };
}

/** `object` with one part as `source` has it. */
function withPart(part: 'spec' | 'status', object: KubeObject, source: KubeObject): KubeObject {
  const { [part]: _replaced, ...rest } = object;
  return source[part] === undefined ? rest : { ...rest, [part]: source[part] };
}

function withGeneration(resource: ServedResource, live: KubeObject, next: KubeObject): KubeObject {
  if (!resource.countsGenerations || isDeepStrictEqual(desired(live), desired(next))) return next;
  return { ...next, metadata: { ...next.metadata, generation: (live.metadata.generation ?? 0) + 1 } };
}

/** The user's part of an object: everything but metadata and status. */
function desired(object: KubeObject): object {
  const { metadata: _metadata, status: _status, ...rest } = object;
  return rest;
}

function checkFinalizers(resource: ServedResource, live: KubeObject, next: KubeObject): void {
  if (live.metadata.deletionTimestamp === undefined) return;
  const added = (next.metadata.finalizers ?? []).filter((name) => !live.metadata.finalizers?.includes(name));
  if (added.length === 0) return;
  const list = added.map((name) => `"${name}"`).join(', ');
  const message = `Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{${list}}`;
  throw invalid({ group: resource.group, name: resource.kind }, next.metadata.name, [
    { reason: 'FieldValueForbidden', message, field: 'metadata.finalizers' },
  ]);
}

/** The last finalizer of an object that is being deleted, and has no grace left, went with this write. */
const isFinished = (live: KubeObject, next: KubeObject): boolean =>
  next.metadata.deletionTimestamp !== undefined &&
  finalizersOf(live).length > 0 &&
  finalizersOf(next).length === 0 &&
  (next.metadata.deletionGracePeriodSeconds ?? 0) === 0;

/** Those in metadata, and a namespace's own in its spec. */
const finalizersOf = (object: KubeObject): readonly unknown[] => [
  ...(object.metadata.finalizers ?? []),
  ...asList(asMap(object['spec'])['finalizers']),
];

/** Without the times in managedFields, which alone do not make a new version. */
function withoutTimes(object: KubeObject): KubeObject {
  const entries = object.metadata['managedFields'];
  if (!Array.isArray(entries)) return object;
  const managedFields = entries.map((entry: Record<string, unknown>) => ({ ...entry, time: undefined }));
  return { ...object, metadata: { ...object.metadata, managedFields } };
}
