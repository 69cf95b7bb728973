import {
  type Agent,
  type ClientRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request as requestPlainly,
} from 'node:http';
import { request as requestSecurely } from 'node:https';
import type { Readable } from 'node:stream';
import { ConnectionError } from '../../core/errors.ts';
import { readBody, TooLargeError } from '../../net/read-body.ts';
import { connectionErrorFrom } from './connection-error.ts';
import { FOREIGN_ANSWER_HINT } from './foreign-answer.ts';

/** Go's default dialer waits this long for TCP, and then 10 s more for TLS; one bound covers both here. */
export const CONNECT_TIMEOUT_MS = 30_000;

export interface ExchangeRequest {
  url: URL;
  method: string;
  headers: OutgoingHttpHeaders;
  body: Buffer | undefined;
  agent: Agent;
  signal: AbortSignal | undefined;
  /** Bounds everything up to a connection that can be used. */
  connectTimeoutMs: number;
  /** Longest silence on the wire; 0 = any. */
  idleTimeoutMs: number;
  /** The proxy on the way, for error messages; without its password. */
  via: string | undefined;
}

/** An answer whose head has come; `body` is decoded and still streaming. */
export interface WireExchange {
  status: number;
  headers: IncomingHttpHeaders;
  body: Readable;
}

/**
 * One HTTP exchange on node:http(s), up to the head of the answer. Every body is framed by Content-Length, DELETE's too:
 * Node sends an unframed one otherwise, and the server then ignores the preconditions in it.
 * Throws ConnectionError, or the signal's reason.
 */
export async function exchange(request: ExchangeRequest): Promise<WireExchange> {
  const { url, body, signal, idleTimeoutMs } = request;
  signal?.throwIfAborted();
  const open = url.protocol === 'https:' ? requestSecurely : requestPlainly;
  const headers = body === undefined ? request.headers : { ...request.headers, 'Content-Length': body.length };
  const options = { method: request.method, headers, agent: request.agent };
  const wire = open(url, options);
  const message = await new Promise<IncomingMessage>((resolve, reject) => {
    // A request without a connection yet emits nothing when it is destroyed, and behind a proxy that never answers it has none.
    const end = (reason: Error, what: ClientRequest | IncomingMessage = wire) => {
      what.destroy(reason);
      release();
      reject(reason);
    };
    const abort = () => end(signal?.reason as Error);
    const connected = boundConnecting(wire, request, end);
    const release = () => {
      connected();
      signal?.removeEventListener('abort', abort);
    };
    signal?.addEventListener('abort', abort, { once: true });
    wire.once('close', release);
    let answer: IncomingMessage | undefined;
    wire.setTimeout(idleTimeoutMs, () => {
      const silent = `Unable to connect to the server: ${url.host} was silent for ${idleTimeoutMs / 1000}s`;
      end(new ConnectionError(silent, { retryable: true }), answer);
    });
    wire.once('response', (head) => {
      answer = head;
      resolve(head);
    });
    wire.on('error', (error) => reject(signal?.aborted ? signal.reason : withReuse(error, wire, request)));
    wire.end(body);
  });
  return { status: message.statusCode ?? 0, headers: message.headers, body: await decoded(message) };
}

/** Set on an error when a kept-alive connection died before any answer: the server may just have closed it as idle. */
export const STALE_CONNECTION = Symbol('stale connection');

/**
 * The whole body as text, at most `maxBytes`. Throws ConnectionError when it breaks off or is longer, naming `request`, or the
 * signal's reason.
 */
export async function bodyText(
  body: Readable,
  { url, request, signal, maxBytes }: { url: URL; request: string; signal: AbortSignal | undefined; maxBytes: number },
): Promise<string> {
  try {
    return await readBody(body, maxBytes);
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof TooLargeError)) throw connectionErrorFrom(error, url);
    throw new ConnectionError(`Unable to connect to the server: ${request}: ${error.message}`, {
      hint: FOREIGN_ANSWER_HINT,
      cause: error,
    });
  }
}

function withReuse(error: Error, wire: ClientRequest, { url, via }: ExchangeRequest): ConnectionError {
  const failure = connectionErrorFrom(error, url, via);
  const { code } = error as NodeJS.ErrnoException;
  return wire.reusedSocket && (code === 'ECONNRESET' || code === 'EPIPE')
    ? Object.assign(failure, { [STALE_CONNECTION]: true })
    : failure;
}

/** Bounds name resolution, TCP, a proxy's tunnel and the TLS handshake together. Returns what ends the bound. */
function boundConnecting(
  wire: ClientRequest,
  { url, via, connectTimeoutMs }: ExchangeRequest,
  end: (reason: Error) => void,
): () => void {
  const timer = setTimeout(() => end(connectionErrorFrom({ code: 'ETIMEDOUT' }, url, via)), connectTimeoutMs);
  const stop = () => clearTimeout(timer);
  wire.once('socket', (socket) => {
    if (wire.reusedSocket) stop();
    else if (url.protocol === 'https:') socket.once('secureConnect', stop);
    else if (socket.connecting) socket.once('connect', stop);
    else stop();
  });
  return stop;
}

async function decoded(message: IncomingMessage): Promise<Readable> {
  if (message.headers['content-encoding'] !== 'gzip') return message;
  const { createGunzip } = await import('node:zlib');
  const { pipeline } = await import('node:stream');
  const gunzip = createGunzip();
  // The reader of gunzip sees every error; pipeline only passes them on and closes both ends.
  pipeline(message, gunzip, () => undefined);
  return gunzip;
}
