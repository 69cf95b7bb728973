/** One cause of a Status body (Kubernetes API conventions, StatusCause). */
export interface StatusCause {
  reason: string;
  message: string;
  field?: string;
}

/** A request that the API server refuses, with the HTTP status, reason and words of its Status body. */
export class PatchError extends Error {
  readonly httpStatus: number;
  /** The machine-readable reason: BadRequest, Invalid, Conflict; '' where the real server gives none. */
  readonly reason: string;
  readonly causes: readonly StatusCause[];

  constructor(httpStatus: number, reason: string, message: string, causes: readonly StatusCause[] = []) {
    super(message);
    this.name = new.target.name;
    this.httpStatus = httpStatus;
    this.reason = reason;
    this.causes = causes;
  }
}

/** 400: the request itself cannot be understood. */
export function badRequest(message: string): PatchError {
  return new PatchError(400, 'BadRequest', message);
}

/** 422 in the generic words that a real server has for a patch it understood but could not apply; it keeps the cause to itself. */
export function unprocessable(): PatchError {
  return new PatchError(422, 'Invalid', 'the server rejected our request due to an error in our request');
}
