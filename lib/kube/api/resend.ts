import { StatusError } from '../../core/errors.ts';
import type { KubeObject } from '../../ports.ts';
import { RESENT } from './patience.ts';

/** Whether a write with a precondition was refused only after it had been sent twice: the first one may be what it met. */
export function metItself(error: unknown, statuses: readonly number[]): error is StatusError {
  return error instanceof StatusError && RESENT in error && statuses.includes(error.httpStatus);
}

/** Whether the object already says all that a merge patch asks for (RFC 7386); its resourceVersion is a precondition, not a wish. */
export function isMerged(object: KubeObject, patch: object): boolean {
  const { metadata, ...rest } = patch as { metadata?: Record<string, unknown> };
  const { resourceVersion: _, ...wished } = metadata ?? {};
  return includes(object, { ...rest, metadata: wished });
}

/** Whether a write's body names the version or the very object it is for. */
export function hasPrecondition(body: object): boolean {
  const { metadata, deleteOptions } = body as {
    metadata?: { resourceVersion?: unknown };
    deleteOptions?: { preconditions?: { uid?: unknown } };
  };
  return metadata?.resourceVersion !== undefined || deleteOptions?.preconditions?.uid !== undefined;
}

function includes(value: unknown, wished: unknown): boolean {
  if (wished === null) return value === undefined || value === null;
  if (Array.isArray(wished)) {
    return (
      Array.isArray(value) &&
      value.length === wished.length &&
      wished.every((each, index) => includes(value[index], each))
    );
  }
  if (typeof wished !== 'object') return value === wished;
  const fields = (typeof value === 'object' ? (value ?? {}) : {}) as Record<string, unknown>;
  return Object.entries(wished as object).every(([key, each]) => includes(fields[key], each));
}
