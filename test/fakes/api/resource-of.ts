/** Finds the resource that an object belongs to, by its kind and apiVersion. */

import * as resources from '../../../lib/ports/resources.ts';
import type { KubeObject, Resource } from '../../../lib/ports.ts';

const byKind = new Map<string, Resource>(Object.values(resources).map((resource) => [resource.kind, resource]));

/** Kinds that lib/ports/resources.ts does not name get the plural `KINDs`, namespaced. An object without a kind is refused. */
export function resourceOf(object: KubeObject): Resource {
  const kind = object.kind;
  if (kind === undefined) throw new Error(`object "${object.metadata.name}" has no kind`);
  const known = byKind.get(kind);
  if (known) return known;
  const [version = 'v1', group = ''] = (object.apiVersion ?? 'v1').split('/').reverse();
  return { group, version, plural: `${kind.toLowerCase()}s`, kind, namespaced: true };
}
