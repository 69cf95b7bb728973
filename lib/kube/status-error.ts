import { StatusError } from '../errors.ts';

/** How many characters of a foreign body an error quotes. */
const QUOTED_CHARACTERS = 160;

/**
 * Turns a failed answer into a StatusError in kubectl's words (kubectl, cmdutil.checkErr and StandardErrorMessage).
 * `url` is named when the body is not a Status, which is how a proxy or login page betrays itself.
 */
export function statusErrorFrom(answer: { status: number; text: string; request: string }): StatusError {
  const status = parseStatus(answer.text);
  if (status === undefined) return foreignBodyError(answer);
  return statusErrorOf(status, answer.status);
}

/** A StatusError from an object that says `kind: Status`: an answer's body, a watch's ERROR event, an exec's last frame. */
export function statusErrorOf(status: Record<string, unknown>, httpStatus: number): StatusError {
  const reason =
    typeof status['reason'] === 'string' && status['reason'] !== '' ? status['reason'] : reasonOf(httpStatus);
  const serverMessage = typeof status['message'] === 'string' ? status['message'] : `the server answered ${httpStatus}`;
  const details = status['details'];
  if (httpStatus === 401) {
    return new StatusError(401, 'Unauthorized', serverMessage, {
      message: `error: You must be logged in to the server (${serverMessage})`,
      details,
      hint: 'the credentials of this context are missing, wrong or expired; kubectl auth whoami shows who you are',
    });
  }
  const hint = hintFor(reason, details);
  return new StatusError(httpStatus, reason, serverMessage, { details, ...(hint !== undefined && { hint }) });
}

function parseStatus(text: string): Record<string, unknown> | undefined {
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === 'object' && body !== null && (body as { kind?: unknown }).kind === 'Status') {
      return body as Record<string, unknown>;
    }
  } catch {
    // Not JSON: told below with its first words.
  }
  return undefined;
}

function foreignBodyError({ status, text, request }: { status: number; text: string; request: string }): StatusError {
  const words = text
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()
    .slice(0, QUOTED_CHARACTERS);
  const reason = reasonOf(status);
  if (status === 401) return statusErrorOf({ message: words || 'Unauthorized' }, 401);
  return new StatusError(status, reason, words, {
    message: `Error from server (${reason}): ${request} answered ${status}${words ? `: ${words}` : ' with an empty body'}`,
    hint: 'the answer is not from a Kubernetes API server; is there a proxy in between, or a wrong server URL?',
  });
}

function hintFor(reason: string, details: unknown): string | undefined {
  if (reason !== 'Forbidden') return undefined;
  const { group, kind, name } = (details ?? {}) as { group?: string; kind?: string; name?: string };
  const resource = kind ? `${kind}${group ? `.${group}` : ''}${name ? `/${name}` : ''}` : 'RESOURCE';
  return `ask with: kubectl auth can-i VERB ${resource}`;
}

/** The API's reason for an HTTP status, where the body names none (apimachinery, NewGenericServerResponse). */
export function reasonOf(httpStatus: number): string {
  const reasons: Record<number, string> = {
    400: 'BadRequest',
    401: 'Unauthorized',
    403: 'Forbidden',
    404: 'NotFound',
    405: 'MethodNotAllowed',
    406: 'NotAcceptable',
    409: 'Conflict',
    410: 'Expired',
    413: 'RequestEntityTooLarge',
    415: 'UnsupportedMediaType',
    422: 'Invalid',
    429: 'TooManyRequests',
    500: 'InternalError',
    503: 'ServiceUnavailable',
    504: 'Timeout',
  };
  return reasons[httpStatus] ?? (httpStatus >= 500 ? 'InternalError' : 'Unknown');
}
