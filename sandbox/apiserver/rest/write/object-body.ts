/** Checks that a sent object is what its URL says it is, and fills in what may be left out. */
import type { KubeObject, ObjectMeta } from '../../../../lib/ports.ts';
import { asMap, asText, isMap, type JsonMap, withoutNulls } from '../../../semantics/json.ts';
import { groupVersion, type ServedResource } from '../../catalogue.ts';
import { badRequest } from '../../http/api-error.ts';

/** Where a write goes; a created object may still be without a name. */
export interface WritePlace {
  namespace: string | undefined;
  name?: string | undefined;
}

/**
 * The object with kind, apiVersion, name and namespace as its place has them, nulls gone.
 * Throws 400 when it is of another kind, or names another object or namespace than the URL.
 */
export function acceptBody(resource: ServedResource, place: WritePlace, body: unknown): KubeObject {
  const object = withoutNulls(body);
  if (!isMap(object)) throw badRequest(`the body must be a ${resource.kind} object`);
  checkKind(resource, object);
  if (object['metadata'] !== undefined && !isMap(object['metadata'])) {
    throw badRequest(`${resource.kind} in version "${resource.version}" cannot be handled: metadata must be an object`);
  }
  const metadata = { ...asMap(object['metadata']) };
  const name = asText(metadata['name']);
  if (place.name !== undefined && name !== '' && name !== place.name) {
    throw badRequest(`the name of the object (${name}) does not match the name on the URL (${place.name})`);
  }
  const namespace = asText(metadata['namespace']);
  if (resource.namespaced && namespace !== '' && namespace !== place.namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  metadata['name'] = place.name ?? name;
  if (resource.namespaced) metadata['namespace'] = place.namespace;
  else delete metadata['namespace'];
  return {
    ...object,
    kind: resource.kind,
    apiVersion: groupVersion(resource),
    metadata: metadata as ObjectMeta,
  };
}

function checkKind(resource: ServedResource, object: JsonMap): void {
  const kind = asText(object['kind']);
  const apiVersion = asText(object['apiVersion']);
  const expected = groupVersion(resource);
  if (kind !== '' && kind !== resource.kind) {
    throw badRequest(
      `${kind} in version "${apiVersion.split('/').at(-1) ?? ''}" cannot be handled as a ${resource.kind}: the object's kind must be ${resource.kind}`,
    );
  }
  if (apiVersion !== '' && apiVersion !== expected) {
    throw badRequest(
      `the API version in the data (${apiVersion}) does not match the expected API version (${expected})`,
    );
  }
}
