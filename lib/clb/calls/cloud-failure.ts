/** The kinds of failure of one request. The SDK reports a failed connection as a text (node-fetch 2). */

export type Failure =
  /** The cloud answered with an error code. */
  | { kind: 'api'; code: string; message: string; requestId: string | undefined }
  /** Somebody answered with an HTTP status other than 200. */
  | { kind: 'http'; status: number; text: string }
  | { kind: 'timeout' }
  /** No connection, or one that broke. */
  | { kind: 'network'; reason: string }
  /** Status 200, but not the API: a login page, a proxy's notice, JSON without a Response, an answer without an end. */
  | { kind: 'not-the-api'; reason: string };

/** A failed request on its way to the retry policy; it never leaves lib/clb. */
export class WireError extends Error {
  readonly failure: Failure;

  constructor(failure: Failure, cause: unknown) {
    super(failure.kind, { cause });
    this.failure = failure;
  }
}

/** The kind of failure, from an error of the SDK. `timedOut`: whether our own deadline has cut the request. */
export function readFailure(error: unknown, timedOut: boolean): Failure {
  const message = error instanceof Error ? error.message : String(error);
  if (timedOut || message.startsWith('network timeout at:')) return { kind: 'timeout' };
  const reason = /^request to \S+ failed, reason: (.*)$/s.exec(message)?.[1];
  return { kind: 'network', reason: reason === undefined || reason === '' ? message : reason };
}

/** The same failure with every text passed through `change`, for masking. */
export function withTexts(failure: Failure, change: (text: string) => string): Failure {
  switch (failure.kind) {
    case 'api':
      return { ...failure, message: change(failure.message) };
    case 'http':
      return { ...failure, text: change(failure.text) };
    case 'network':
    case 'not-the-api':
      return { ...failure, reason: change(failure.reason) };
    case 'timeout':
      return failure;
  }
}
