/** Failures as the API server words them: a Status body with a reason, details and causes (Kubernetes API conventions, "Response Status Kind"). */

import type { StatusCause } from '../../semantics/patch/patch-error.ts';

export interface ErrorDetails {
  name?: string;
  group?: string;
  kind?: string;
  uid?: string;
  causes?: StatusCause[];
  retryAfterSeconds?: number;
}

/** A group and a resource or kind; printed as `statefulsets.apps`, the core group as `pods`. */
export interface GroupName {
  group: string;
  name: string;
}

/** Thrown anywhere in the server and answered as a Status. */
export class ApiError extends Error {
  readonly code: number;
  readonly reason: string;
  readonly details: ErrorDetails | undefined;
  /** Set on an expired list, whose answer carries a token to go on with. */
  readonly continueToken: string | undefined;

  constructor(code: number, reason: string, message: string, details?: ErrorDetails, continueToken?: string) {
    super(message);
    this.name = 'ApiError';
    this.code = code;
    this.reason = reason;
    this.details = details;
    this.continueToken = continueToken;
  }

  /** The Status object of the answer. */
  toStatus(): object {
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: this.continueToken === undefined ? {} : { continue: this.continueToken },
      status: 'Failure',
      message: this.message,
      ...(this.reason === '' ? {} : { reason: this.reason }),
      ...(this.details === undefined ? {} : { details: this.details }),
      code: this.code,
    };
  }
}

/** `statefulsets.apps`, or `pods` for the core group. */
export const qualified = ({ group, name }: GroupName): string => (group === '' ? name : `${name}.${group}`);

const detailsOf = (resource: GroupName, name: string): ErrorDetails => ({
  ...(name === '' ? {} : { name }),
  ...(resource.group === '' ? {} : { group: resource.group }),
  kind: resource.name,
});

export const notFound = (resource: GroupName, name: string): ApiError =>
  new ApiError(404, 'NotFound', `${qualified(resource)} "${name}" not found`, detailsOf(resource, name));

export const alreadyExists = (resource: GroupName, name: string): ApiError =>
  new ApiError(409, 'AlreadyExists', `${qualified(resource)} "${name}" already exists`, detailsOf(resource, name));

/** 409; `because` ends the sentence "Operation cannot be fulfilled on …". */
export const conflict = (resource: GroupName, name: string, because: string): ApiError =>
  new ApiError(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${qualified(resource)} "${name}": ${because}`,
    detailsOf(resource, name),
  );

/** The words that every client of a stale resourceVersion knows. */
export const staleVersion = (resource: GroupName, name: string): ApiError =>
  conflict(
    resource,
    name,
    'the object has been modified; please apply your changes to the latest version and try again',
  );

export const forbidden = (resource: GroupName, name: string, because: string): ApiError =>
  new ApiError(
    403,
    'Forbidden',
    `${qualified(resource)}${name === '' ? '' : ` "${name}"`} is forbidden: ${because}`,
    detailsOf(resource, name),
  );

export const badRequest = (message: string): ApiError => new ApiError(400, 'BadRequest', message);

export const unauthorized = (): ApiError => new ApiError(401, 'Unauthorized', 'Unauthorized');

/** A path inside a known API that nothing answers to; kubectl prints these very words. */
export const noSuchPath = (): ApiError =>
  new ApiError(404, 'NotFound', 'the server could not find the requested resource', {});

export const methodNotAllowed = (): ApiError =>
  new ApiError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {});

export const internalError = (message: string): ApiError =>
  new ApiError(500, 'InternalError', `Internal error occurred: ${message}`, {
    causes: [{ reason: 'InternalError', message }],
  });

/** 410: the asked version has left the history window. */
export const expired = (message: string, continueToken?: string): ApiError =>
  new ApiError(410, 'Expired', message, undefined, continueToken);

/** 504: a version that this server has not reached yet. */
export const tooLargeVersion = (asked: number, current: number): ApiError =>
  new ApiError(504, 'Timeout', `Too large resource version: ${asked}, current: ${current}`, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  });

/** 422 with one cause per field; `kind` is the object's kind, not its resource. */
export function invalid(kind: GroupName, name: string, causes: readonly StatusCause[]): ApiError {
  const lines = causes.map(({ field, message }) => (field === undefined ? message : `${field}: ${message}`));
  const text = lines.length === 1 ? (lines[0] ?? '') : `[${lines.join(', ')}]`;
  return new ApiError(422, 'Invalid', `${qualified(kind)} "${name}" is invalid: ${text}`, {
    ...detailsOf(kind, name),
    causes: [...causes],
  });
}

/** A query option or a DeleteOptions body that the server refuses. */
export const invalidOptions = (kind: string, field: string, reason: string, message: string): ApiError =>
  invalid({ group: 'meta.k8s.io', name: kind }, '', [{ reason, message, field }]);
