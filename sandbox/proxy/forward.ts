/** One request through the upstreams, as nginx's proxy_next_upstream treats it. */
import { type IncomingMessage, request, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Upstream } from './upstreams.ts';

export interface ForwardOptions {
  /** proxy_next_upstream_tries; 1 = no retry. */
  tries: number;
  /** proxy_connect_timeout. */
  connectTimeoutMs: number;
  /** proxy_read_timeout: the longest silence of an upstream. */
  readTimeoutMs: number;
  /** Opens the connection to an upstream; for tests. */
  dial?: (upstream: Upstream) => Socket;
}

/** Why a try failed: what `proxy_next_upstream error timeout` goes on from. */
export type TryFailure = 'error' | 'timeout';

export interface ForwardReport {
  /** A try that failed before the upstream's answer began. */
  failed(upstream: Upstream, failure: TryFailure): void;
  /** The status that the client got; 502 and 504 are the proxy's own. */
  answered(status: number): void;
}

/**
 * Tries the upstreams that `next` gives until one begins to answer; once it has, nothing is tried again. Idempotent requests
 * alone go on after bytes were sent (nginx: non_idempotent is off). The last failure decides: 504 for a time-out, else 502.
 */
export async function forward(
  incoming: IncomingMessage,
  response: ServerResponse,
  next: () => Upstream | undefined,
  options: ForwardOptions,
  report: ForwardReport,
): Promise<void> {
  let failure: TryFailure = 'error';
  const repeatable = ['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'TRACE'].includes(incoming.method ?? '');
  for (let tried = 0; tried < options.tries; tried += 1) {
    const upstream = next();
    if (upstream === undefined) {
      refuse(response, 503, report);
      return;
    }
    const result = await tryOne(incoming, response, upstream, options, report);
    if (result === 'answered' || response.destroyed) return;
    report.failed(upstream, result.failure);
    failure = result.failure;
    if (result.sent && !repeatable) break;
  }
  refuse(response, failure === 'timeout' ? 504 : 502, report);
}

type TryResult = 'answered' | { failure: TryFailure; sent: boolean };

function tryOne(
  incoming: IncomingMessage,
  response: ServerResponse,
  upstream: Upstream,
  options: ForwardOptions,
  report: ForwardReport,
): Promise<TryResult> {
  return new Promise((resolve) => {
    const dial = options.dial ?? (({ dial: { host, port } }: Upstream) => connect({ host, port, noDelay: true }));
    const socket = dial(upstream);
    let sent = false;
    const outgoing = request({
      createConnection: () => socket,
      method: incoming.method,
      path: incoming.url,
      headers: { ...incoming.headers, connection: 'close' },
    });
    const fail = (failure: TryFailure): void => {
      outgoing.destroy();
      resolve({ failure, sent });
    };
    const connecting = setTimeout(() => fail('timeout'), options.connectTimeoutMs);
    socket.once('connect', () => {
      clearTimeout(connecting);
      sent = true;
      socket.setTimeout(options.readTimeoutMs, () => fail('timeout'));
    });
    outgoing.on('error', () => {
      clearTimeout(connecting);
      fail('error');
    });
    outgoing.on('response', (answer) => {
      clearTimeout(connecting);
      resolve('answered');
      report.answered(answer.statusCode ?? 0);
      const { connection: _ours, ...headers } = answer.headers;
      response.writeHead(answer.statusCode ?? 502, headers);
      answer.pipe(response);
      // The answer has begun: a cut is the client's to see.
      answer.on('error', () => response.destroy());
      answer.on('aborted', () => response.destroy());
    });
    response.on('close', () => outgoing.destroy());
    // Bodies are small here, and a GET has none; a repeated request with a body sends none, as it was read before.
    if (incoming.readableEnded || incoming.headers['content-length'] === undefined) outgoing.end();
    else incoming.pipe(outgoing);
  });
}

function refuse(response: ServerResponse, status: number, report: ForwardReport): void {
  if (response.headersSent || response.destroyed) return;
  report.answered(status);
  response.writeHead(status, { 'content-type': 'text/plain' });
  response.end(`${status}\n`);
}
