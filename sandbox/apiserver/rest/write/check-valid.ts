import type { KubeObject } from '../../../../lib/ports.ts';
import { validate } from '../../../semantics/validate/validate-object.ts';
import type { ServedResource } from '../../catalogue.ts';
import { invalid } from '../../http/api-error.ts';

/** Throws 422 with one cause per field that is wrong. */
export function checkValid(resource: ServedResource, object: KubeObject, old?: KubeObject, subresource?: string): void {
  const errors = validate(resource.kind, object, old, subresource);
  if (errors.length === 0) return;
  throw invalid(
    { group: resource.group, name: resource.kind },
    object.metadata.name,
    errors.map(({ type, field, message }) => ({ reason: type, message, field })),
  );
}
