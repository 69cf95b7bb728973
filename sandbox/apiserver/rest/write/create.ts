/** POST: gives a new object its identity, its defaults and its first version. */
import { randomInt, randomUUID } from 'node:crypto';
import { NAMESPACES } from '../../../../lib/ports/resources.ts';
import type { KubeObject, ObjectMeta } from '../../../../lib/ports.ts';
import { trackUpdate } from '../../../semantics/apply/apply-patch.ts';
import { withDefaults } from '../../../semantics/defaults/set-defaults.ts';
import { groupVersion, type ServedResource } from '../../catalogue.ts';
import { ApiError, alreadyExists, forbidden, notFound } from '../../http/api-error.ts';
import { freezeDeep } from '../../store/frozen.ts';
import { rfc3339, type WriteQuery } from '../read/query.ts';
import type { RestCluster } from '../rest-cluster.ts';
import { checkValid } from './check-valid.ts';
import { initialStatus } from './initial-status.ts';

/** Keeps a claim until no pod uses it. */
const CLAIM_PROTECTION = 'kubernetes.io/pvc-protection';

/** The alphabet of generated names: no vowels and nothing that looks like another character. */
const SUFFIX_ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';
const SUFFIX_LENGTH = 5;
const GENERATED_BASE_LENGTH = 58;

/**
 * Creates an object that came through `acceptBody`. `tracked`: its managedFields are already right (server-side apply).
 * Throws 404 without its namespace, 409 when the name is taken, 422 when it is invalid.
 */
export function createObject(
  cluster: RestCluster,
  resource: ServedResource,
  object: KubeObject,
  options: WriteQuery & { tracked?: boolean },
): KubeObject {
  if (object.metadata.resourceVersion !== undefined && object.metadata.resourceVersion !== '') {
    throw new ApiError(500, '', 'resourceVersion should not be set on objects to be created');
  }
  checkNamespace(cluster, resource, object);
  const prepared = prepare(cluster, resource, object);
  checkValid(resource, prepared);
  const { namespace, name } = prepared.metadata;
  if (cluster.store.get(resource, namespace, name) !== undefined) {
    throw alreadyExists({ group: resource.group, name: resource.plural }, name);
  }
  // No manager owns the values that the server itself chooses: addresses, ports, the namespace's finalizer.
  const tracked = options.tracked
    ? prepared
    : trackUpdate(undefined, prepared, {
        manager: options.manager,
        now: rfc3339(cluster.now()),
        apiVersion: groupVersion(resource),
      });
  const complete = allocate(cluster, resource, tracked);
  return options.dryRun ? freezeDeep(complete) : cluster.store.put(resource, complete);
}

function prepare(cluster: RestCluster, resource: ServedResource, object: KubeObject): KubeObject {
  const { name, generateName = '', ...given } = object.metadata;
  const metadata: ObjectMeta = {
    ...given,
    name: name === '' && generateName !== '' ? generateName.slice(0, GENERATED_BASE_LENGTH) + suffix() : name,
    ...(generateName === '' ? {} : { generateName }),
    uid: randomUUID(),
    creationTimestamp: rfc3339(cluster.now()),
  };
  delete metadata.deletionTimestamp;
  delete metadata.deletionGracePeriodSeconds;
  delete metadata['selfLink'];
  if (resource.countsGenerations) metadata.generation = 1;
  else delete metadata.generation;
  const status = initialStatus(resource, object);
  const { status: _sent, ...rest } = object;
  const kept = resource.subresources.includes('status') && !resource.keepsStatusOnCreate ? rest : object;
  return withDefaults(resource.kind, { ...kept, metadata, ...(status === undefined ? {} : { status }) });
}

function allocate(cluster: RestCluster, resource: ServedResource, object: KubeObject): KubeObject {
  if (resource.kind === 'Service') return cluster.addresses.allocate(object);
  if (resource.kind === 'Namespace') return { ...object, spec: { finalizers: ['kubernetes'] } };
  if (resource.kind !== 'PersistentVolumeClaim') return object;
  // Kubernetes: admission plugin StorageObjectInUseProtection. The volume controller takes it away again.
  const finalizers = new Set([...(object.metadata.finalizers ?? []), CLAIM_PROTECTION]);
  return { ...object, metadata: { ...object.metadata, finalizers: [...finalizers] } };
}

function checkNamespace(cluster: RestCluster, resource: ServedResource, { metadata }: KubeObject): void {
  if (!resource.namespaced) return;
  const namespace = metadata.namespace ?? '';
  const found = cluster.store.get(NAMESPACES, undefined, namespace);
  if (found === undefined) throw notFound({ group: '', name: 'namespaces' }, namespace);
  if (found.metadata.deletionTimestamp !== undefined) {
    throw forbidden(
      { group: resource.group, name: resource.plural },
      metadata.name,
      `unable to create new content in namespace ${namespace} because it is being terminated`,
    );
  }
}

const suffix = (): string =>
  Array.from({ length: SUFFIX_LENGTH }, () => SUFFIX_ALPHABET[randomInt(SUFFIX_ALPHABET.length)]).join('');
