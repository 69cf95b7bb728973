/**
 * The API server behind a gate for writes: a plain HTTP address that forwards everything as the administrator, and lets
 * a test act before a write reaches the server, or after the server took it and before its client knows.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Agent, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { KubeConfig } from '@kubernetes/client-node';
import { tunnelUpgrades } from '../tunnel.ts';

/** A request that may change something; `index` counts them from 1, in the order in which they are let through. */
export interface Write {
  method: string;
  path: string;
  body: string;
  index: number;
}

export type Hook = (write: Write, moment: 'before' | 'after') => Promise<void> | void;

export interface WriteGate {
  url: string;
  /** Every write that the server was shown, as `PATCH /api/…`. */
  readonly writes: Write[];
  /** Called around each write; writes pass one at a time. A client that is gone after `before` has its write dropped. */
  hook: Hook | undefined;
  /** Called before each read is forwarded; reads do not wait for each other. */
  reading?: ((path: string) => Promise<void> | void) | undefined;
  /** Closes every client's connection, and counts from 1 again. */
  sever(): void;
  close(): Promise<void>;
}

export async function openWriteGate(kubeconfig: string): Promise<WriteGate> {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  const upstream = new URL(config.getCurrentCluster()?.server ?? '');
  const tls: { ca?: Buffer; cert?: Buffer; key?: Buffer } = {};
  await config.applyToHTTPSOptions(tls as never);
  const { ca, cert, key } = tls;
  const secrets = { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
  const agent = new Agent({ keepAlive: true, ...secrets });
  let turn: Promise<void> = Promise.resolve();

  const forward = (incoming: IncomingMessage, body: Buffer | undefined) => {
    const { method, url: path, headers } = incoming;
    const outgoing = request({ host: upstream.hostname, port: upstream.port, method, path, headers, agent });
    const answer = once(outgoing, 'response') as Promise<[IncomingMessage]>;
    if (body === undefined) incoming.pipe(outgoing);
    else outgoing.end(body);
    return { outgoing, answer };
  };

  const read = async (incoming: IncomingMessage, response: ServerResponse) => {
    await gate.reading?.(incoming.url ?? '');
    if (incoming.socket.destroyed) return;
    const { outgoing, answer } = forward(incoming, undefined);
    response.once('close', () => outgoing.destroy());
    const [from] = await answer;
    response.writeHead(from.statusCode ?? 502, from.headers);
    from.pipe(response);
  };

  const write = async (incoming: IncomingMessage, response: ServerResponse, body: Buffer) => {
    const each = { method: incoming.method ?? '', path: incoming.url ?? '', body: body.toString(), index: 0 };
    if (incoming.socket.destroyed) return;
    each.index = gate.writes.length + 1;
    await gate.hook?.(each, 'before');
    if (incoming.socket.destroyed) return;
    gate.writes.push(each);
    const [from] = await forward(incoming, body).answer;
    const whole = await buffer(from);
    await gate.hook?.(each, 'after');
    if (incoming.socket.destroyed) return;
    const { 'transfer-encoding': _, ...headers } = from.headers;
    response.writeHead(from.statusCode ?? 502, { ...headers, 'content-length': whole.length });
    response.end(whole);
  };

  const server = createServer((incoming, response) => {
    const gone = () => {
      response.destroy();
    };
    if (incoming.method === 'GET') read(incoming, response).catch(gone);
    else
      buffer(incoming).then((body) => {
        turn = turn.then(() => write(incoming, response, body)).catch(gone);
      }, gone);
  });
  const tunnels = tunnelUpgrades(server, upstream, secrets);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  const gate: WriteGate = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    writes: [],
    hook: undefined,
    sever() {
      server.closeAllConnections();
      gate.writes.length = 0;
    },
    async close() {
      server.closeAllConnections();
      tunnels.destroy();
      await new Promise((resolve) => server.close(resolve));
      agent.destroy();
    },
  };
  return gate;
}
