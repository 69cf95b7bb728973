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
import { ConnectionError } from '../errors.ts';
import { connectionErrorFrom } from './connection-error.ts';

/** Go's default dialer waits this long for TCP, and then 10 s more for TLS; one bound covers both here. */
const CONNECT_TIMEOUT_MS = 30_000;

export interface ExchangeRequest {
  url: URL;
  method: string;
  headers: OutgoingHttpHeaders;
  body: Buffer | undefined;
  agent: Agent;
  signal: AbortSignal | undefined;
  /** Longest silence on the wire; 0 = any. */
  idleTimeoutMs: number;
  /** The proxy on the way, for error messages; without its password. */
  via: string | undefined;
}

/** An answer whose head has come; `body` is decoded and still streaming. */
export interface Exchange {
  status: number;
  headers: IncomingHttpHeaders;
  body: Readable;
}

/**
 * One HTTP exchange on node:http(s), up to the head of the answer. Every body is framed by Content-Length, DELETE's too:
 * Node sends an unframed one otherwise, and the server then ignores the preconditions in it.
 * Throws ConnectionError, or the signal's reason.
 */
export async function exchange(request: ExchangeRequest): Promise<Exchange> {
  const { url, body, signal } = request;
  signal?.throwIfAborted();
  const open = url.protocol === 'https:' ? requestSecurely : requestPlainly;
  const headers = body === undefined ? request.headers : { ...request.headers, 'Content-Length': body.length };
  const options = { method: request.method, headers, agent: request.agent };
  const wire = open(url, options);
  endOnAbort(wire, signal);
  const message = await new Promise<IncomingMessage>((resolve, reject) => {
    boundConnecting(wire, url);
    let answer: IncomingMessage | undefined;
    wire.setTimeout(request.idleTimeoutMs, () => {
      const seconds = request.idleTimeoutMs / 1000;
      (answer ?? wire).destroy(
        new ConnectionError(`Unable to connect to the server: ${url.host} was silent for ${seconds}s`, {
          retryable: true,
        }),
      );
    });
    wire.once('response', (head) => {
      answer = head;
      resolve(head);
    });
    wire.once('error', (error) => reject(signal?.aborted ? signal.reason : withReuse(error, wire, request)));
    wire.end(body);
  });
  return { status: message.statusCode ?? 0, headers: message.headers, body: await decoded(message) };
}

/** What Node's own `signal` option does, without a look at the end of every stream. */
function endOnAbort(wire: ClientRequest, signal: AbortSignal | undefined): void {
  if (signal === undefined) return;
  const abort = () => wire.destroy(signal.reason as Error);
  signal.addEventListener('abort', abort, { once: true });
  wire.once('close', () => signal.removeEventListener('abort', abort));
}

/** Set on an error when a kept-alive connection died before any answer: the server may just have closed it as idle. */
export const STALE_CONNECTION = Symbol('stale connection');

/** The whole body as text. Throws ConnectionError when it breaks off, or the signal's reason. */
export async function readText(body: Readable, url: URL, signal: AbortSignal | undefined): Promise<string> {
  const chunks: Buffer[] = [];
  try {
    await new Promise<void>((resolve, reject) => {
      body.on('data', (chunk: Buffer) => chunks.push(chunk));
      body.once('end', resolve);
      body.once('error', reject);
      body.once('close', () => reject(new Error('the answer broke off')));
    });
  } catch (error) {
    signal?.throwIfAborted();
    throw connectionErrorFrom(error, url);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function withReuse(error: Error, wire: ClientRequest, { url, via }: ExchangeRequest): ConnectionError {
  const told = connectionErrorFrom(error, url, via);
  const { code } = error as NodeJS.ErrnoException;
  return wire.reusedSocket && (code === 'ECONNRESET' || code === 'EPIPE')
    ? Object.assign(told, { [STALE_CONNECTION]: true })
    : told;
}

/** Bounds name resolution, TCP, a proxy's tunnel and the TLS handshake together. */
function boundConnecting(wire: ClientRequest, url: URL): void {
  const timer = setTimeout(() => {
    wire.destroy(
      new ConnectionError(`Unable to connect to the server: dial tcp ${url.host}: i/o timeout`, { retryable: true }),
    );
  }, CONNECT_TIMEOUT_MS);
  const stop = () => clearTimeout(timer);
  wire.once('close', stop);
  wire.once('socket', (socket) => {
    if (wire.reusedSocket) stop();
    else if (url.protocol === 'https:') socket.once('secureConnect', stop);
    else if (socket.connecting) socket.once('connect', stop);
    else stop();
  });
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
