/** The treatment of fields that a kind does not have, and of values of the wrong type (Kubernetes: server-side field validation). */
import type { KubeObject } from '../../../../lib/ports.ts';
import { isMap } from '../../../semantics/json.ts';
import { checkShape } from '../../../semantics/shape/check-shape.ts';
import type { ApiExchange } from '../../api-exchange.ts';
import { ApiError, badRequest } from '../../http/api-error.ts';
import { addWarning } from '../../http/respond.ts';

/**
 * The object without the fields that its kind lacks. `fieldValidation` says what else: Strict refuses, Warn (default)
 * warns, Ignore says nothing. Throws 400 on an object that was sent whole, 422 on one that a patch made.
 */
export function knownFields(
  { resource, query, response }: ApiExchange,
  object: KubeObject,
  from: 'body' | 'patch' = 'body',
): KubeObject {
  const { unknown, mistyped } = checkShape(resource.kind, object);
  const refuse = (because: string): ApiError =>
    from === 'body'
      ? badRequest(
          `${resource.kind} in version "${resource.version}" cannot be handled as a ${resource.kind}: ${because}`,
        )
      : new ApiError(422, 'Invalid', ` "" is invalid: patch: Invalid value: ${because}`, {
          causes: [{ reason: 'FieldValueInvalid', message: `Invalid value: ${because}`, field: 'patch' }],
        });
  if (mistyped[0] !== undefined) throw refuse(mistyped[0]);
  if (unknown.length === 0) return object;
  const sentences = unknown.map((path) => `unknown field "${path}"`);
  const level = query.get('fieldValidation') ?? '';
  if (level === 'Strict') throw refuse(`strict decoding error: ${sentences.join(', ')}`);
  if (level !== 'Ignore') for (const sentence of sentences) addWarning(response, sentence);
  const pruned = structuredClone(object);
  for (const path of unknown) remove(pruned, path.match(/[^.[\]]+/g) ?? []);
  return pruned;
}

/** Takes one path out, in place; a path that leads nowhere is left alone. */
function remove(object: object, path: readonly string[]): void {
  const [step = '', ...rest] = path;
  const inner: unknown = Reflect.get(object, step);
  if (rest.length === 0) Reflect.deleteProperty(object, step);
  else if (isMap(inner) || Array.isArray(inner)) remove(inner, rest);
}
