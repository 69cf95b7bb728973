/** Failures that the server itself reports, in the words that people know from kubectl. */

import { StatusError } from '../../core/errors.ts';
import { advice, kubectl } from '../../core/values/command.ts';
import { inOneLine, text } from '../../core/values/read.ts';
import { forbiddenHint } from './forbidden-hint.ts';
import { FOREIGN_ANSWER_HINT, firstWords } from './foreign-answer.ts';

export interface FailedAnswer {
  status: number;
  text: string;
  /** Method and URL, for people. */
  request: string;
  /** The Location header: redirects are not followed. */
  location?: string | undefined;
}

/**
 * Turns a failed answer into a StatusError in kubectl's words (kubectl, cmdutil.checkErr and StandardErrorMessage).
 * `url` is named when the body is not a Status, which is how a proxy or login page betrays itself.
 */
export function statusErrorFrom(answer: FailedAnswer): StatusError {
  const status = parseStatus(answer.text);
  if (status === undefined) return foreignBodyError(answer);
  return statusErrorOf(status, answer.status);
}

/** A StatusError from an object that says `kind: Status`: an answer's body, a watch's ERROR event, an exec's last frame. */
export function statusErrorOf(status: Record<string, unknown>, httpStatus: number): StatusError {
  const reason =
    typeof status['reason'] === 'string' && status['reason'] !== '' ? status['reason'] : reasonOf(httpStatus);
  const said = inOneLine(text(status, 'message') ?? '');
  const serverMessage = said === '' ? `the server answered ${httpStatus}` : said;
  const details = status['details'];
  if (httpStatus === 401) {
    return new StatusError(401, 'Unauthorized', serverMessage, {
      message: `error: You must be logged in to the server (${serverMessage})`,
      details,
      hint: advice`the credentials of this context are missing, wrong or expired
to see who you are: ${kubectl('auth', 'whoami')}`,
    });
  }
  const hint = reason === 'Forbidden' ? forbiddenHint(serverMessage, details) : undefined;
  return new StatusError(httpStatus, reason, serverMessage, { details, ...(hint !== undefined && { hint }) });
}

function parseStatus(text: string): Record<string, unknown> | undefined {
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === 'object' && body !== null && (body as { kind?: unknown }).kind === 'Status') {
      return body as Record<string, unknown>;
    }
  } catch {
    // Not JSON: reported below with its first words.
  }
  return undefined;
}

/** An answer that no API server writes; or its plain "404 page not found", which kubectl words like this. */
function foreignBodyError({ status, text, request, location }: FailedAnswer): StatusError {
  if (status === 401) return statusErrorOf({ message: firstWords(text) || 'Unauthorized' }, 401);
  const reason = reasonOf(status);
  if (text.trim() === '404 page not found') {
    return new StatusError(status, reason, 'the server could not find the requested resource');
  }
  const said = location ? `to ${location}` : firstWords(text) || 'with an empty body';
  const message = `Error from server (${reason}): ${request} answered ${status}, ${said}`;
  const isPage = location !== undefined || (/^\s*</.test(text) && !request.includes('/proxy'));
  return new StatusError(status, reason, firstWords(text), { message, ...(isPage && { hint: FOREIGN_ANSWER_HINT }) });
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
