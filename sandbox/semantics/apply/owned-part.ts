import type { KubeObject, ObjectMeta } from '../../../lib/ports.ts';
import { asMap, type JsonMap } from '../json.ts';

/** Fields that identify an object, or that the server sets: no manager owns it (Kubernetes: managedfields/internal/stripmeta.go). */
const UNOWNED_METADATA: ReadonlySet<string> = new Set([
  'name',
  'namespace',
  'creationTimestamp',
  'selfLink',
  'uid',
  'clusterName',
  'generation',
  'managedFields',
  'resourceVersion',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
]);

/** The part of an object whose fields can have owners: of a write to the status that and metadata, of others all but the status. */
export function ownedPart(object: KubeObject | undefined, subresource: string | undefined): JsonMap {
  if (object === undefined) {
    return {};
  }
  const owned = Object.entries(object.metadata).filter(([key]) => !UNOWNED_METADATA.has(key));
  const metadata = owned.length === 0 ? {} : { metadata: Object.fromEntries(owned) };
  const { apiVersion: _apiVersion, kind: _kind, metadata: _metadata, status, ...rest } = object;
  if (subresource === 'status') {
    return status === undefined ? metadata : { ...metadata, status };
  }
  return { ...metadata, ...rest };
}

/** The object of `frame` with another owned part. */
export function withOwnedPart(frame: KubeObject, owned: JsonMap, subresource: string | undefined): KubeObject {
  const unowned = Object.entries(frame.metadata).filter(([key]) => UNOWNED_METADATA.has(key));
  const metadata = { ...Object.fromEntries(unowned), ...asMap(owned['metadata']) } as ObjectMeta;
  if (subresource === 'status') {
    return { ...frame, ...owned, metadata };
  }
  const { apiVersion, kind, status } = frame;
  return {
    ...(apiVersion === undefined ? {} : { apiVersion }),
    ...(kind === undefined ? {} : { kind }),
    ...owned,
    metadata,
    ...(status === undefined ? {} : { status }),
  };
}
