/** Passes one upstream answer on to a client as it comes, and ends both sides when either goes away. */
import type { ClientRequest, IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { ApiError, badRequest, internalError } from '../http/api-error.ts';

/** Headers that belong to one connection only (RFC 9110, 7.6.1). */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Without the headers of the connection it came on. */
export const endToEndHeaders = (headers: NodeJS.Dict<string | string[]>): OutgoingHttpHeaders =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP_BY_HOP.has(name)));

/** Waits for the upstream's answer; an unreachable one becomes what `unreachable` says. */
export function answerOf(call: ClientRequest, unreachable: (error: Error) => ApiError): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    call.once('response', resolve);
    call.once('error', (error) => reject(unreachable(error)));
  });
}

/** Streams the body of `answer` to the client under the given head, without holding anything back. */
export function relayBody(
  answer: IncomingMessage,
  response: ServerResponse,
  code: number,
  headers: OutgoingHttpHeaders,
): Promise<void> {
  return new Promise((resolve) => {
    response.writeHead(code, headers);
    response.flushHeaders();
    // An upstream that breaks off must not look like one that finished.
    answer.once('error', () => response.destroy());
    answer.once('aborted', () => response.destroy());
    response.once('close', () => {
      answer.destroy();
      resolve();
    });
    answer.pipe(response);
  });
}

/** A kubelet's failure as a Status, as the real server words it. */
export async function kubeletFailure(answer: IncomingMessage, name: string): Promise<ApiError> {
  let text = '';
  answer.setEncoding('utf8');
  for await (const chunk of answer as AsyncIterable<string>) text = (text + chunk).slice(0, 10_000);
  const code = answer.statusCode ?? 500;
  if (code === 400) return badRequest(text);
  if (code === 500) return internalError(text);
  const reason =
    code === 404 ? 'NotFound' : code === 403 ? 'Forbidden' : code === 401 ? 'Unauthorized' : 'InternalError';
  const fallback = `the server responded with the status code ${code} but did not return more information`;
  return new ApiError(code, reason, text === '' ? fallback : text, { name, kind: 'pods' });
}
