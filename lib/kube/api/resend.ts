/** Writes that were sent twice because an answer was lost: whether the first sending is what the second one met. */

import { StatusError } from '../../core/errors.ts';
import type { KubeObject, PatchType } from '../../ports.ts';
import { RESENT } from './patience.ts';

/** Whether a write with a precondition was refused only after it had been sent twice: the first one may be what it met. */
export function metItself(error: unknown, statuses: readonly number[]): error is StatusError {
  return error instanceof StatusError && RESENT in error && statuses.includes(error.httpStatus);
}

/**
 * Whether the object already is as the patch asks for; its resourceVersion is a precondition, not a wish. False too for a
 * patch whose effect cannot be read from it: JSON patch and apply, which no verb sends.
 */
export function isPatched(object: KubeObject, patch: object, type: PatchType): boolean {
  const holds = HOLDS[type];
  if (holds === undefined) return false;
  const { metadata, ...rest } = patch as { metadata?: Record<string, unknown> };
  const { resourceVersion: _, ...wished } = metadata ?? {};
  return holds(object, { ...rest, metadata: wished });
}

/** Whether a write's body names the version or the very object it is for. */
export function hasPrecondition(body: object): boolean {
  const { metadata, deleteOptions } = body as {
    metadata?: { resourceVersion?: unknown };
    deleteOptions?: { preconditions?: { uid?: unknown } };
  };
  return metadata?.resourceVersion !== undefined || deleteOptions?.preconditions?.uid !== undefined;
}

type Holds = (value: unknown, wished: unknown) => boolean;
type Fields = Readonly<Record<string, unknown>>;

const HOLDS: Partial<Record<PatchType, Holds>> = { merge: isMerged, strategic: isMergedByName };

const isAbsent = (value: unknown): boolean => value === undefined || value === null;
const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** RFC 7386: null takes a field away, a list is replaced as a whole. */
function isMerged(value: unknown, wished: unknown): boolean {
  if (isFields(wished)) return hasFields(value, wished, isMerged);
  return isSame(value, wished);
}

/**
 * Kubernetes' strategic merge patch, as far as a verb sends it: list items that all have a name are merged by it, and
 * `$patch: replace` replaces the object that it stands in. Any other directive is not understood, and nothing holds it.
 */
function isMergedByName(value: unknown, wished: unknown): boolean {
  if (isFields(wished)) {
    const { $patch: directive, ...fields } = wished;
    if (directive === 'replace') return isSame(value, fields);
    const isKnown = directive === undefined && !Object.keys(fields).some((key) => key.startsWith('$'));
    return isKnown && hasFields(value, fields, isMergedByName);
  }
  if (!Array.isArray(wished) || !wished.every(isNamed)) return isSame(value, wished);
  const items: unknown[] = Array.isArray(value) ? value : [];
  return wished.every((each) =>
    items.some((item) => isFields(item) && item['name'] === each.name && isMergedByName(item, each)),
  );
}

const ownField = (value: unknown, key: string): unknown =>
  isFields(value) && Object.hasOwn(value, key) ? value[key] : undefined;

const isNamed = (item: unknown): item is { name: string } => isFields(item) && typeof item['name'] === 'string';

const hasFields = (value: unknown, wished: Fields, holds: Holds): boolean =>
  Object.entries(wished).every(([key, each]) => holds(ownField(value, key), each));

/** The same value; a field that is null is the same as none. */
function isSame(value: unknown, wished: unknown): boolean {
  if (isAbsent(wished)) return isAbsent(value);
  if (Array.isArray(wished))
    return (
      Array.isArray(value) && value.length === wished.length && wished.every((each, at) => isSame(value[at], each))
    );
  if (!isFields(wished)) return value === wished;
  if (!isFields(value)) return false;
  return Object.keys({ ...value, ...wished }).every((key) => isSame(ownField(value, key), ownField(wished, key)));
}
