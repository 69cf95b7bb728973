/** An API server on a bad day: a plain HTTP address that forwards everything as the administrator, late, and refuses every so many requests with 429. */
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Agent, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { KubeConfig } from '@kubernetes/client-node';
import type { Running } from '../../../../sandbox/common/running.ts';
import { tunnelUpgrades } from '../tunnel.ts';

export interface TroubleOptions {
  /** Every request waits so long before it is forwarded. */
  delayMs: number;
  /** Every n-th request is answered 429 with Retry-After: 1 and not forwarded. */
  refuseEvery: number;
}

export interface Trouble extends Running {
  /** Requests that were refused so far. */
  readonly refused: number;
}

/** Writes a kubeconfig that leads here to `kubeconfigTo`. */
export async function openTrouble(kubeconfig: string, kubeconfigTo: string, options: TroubleOptions): Promise<Trouble> {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  const upstream = new URL(config.getCurrentCluster()?.server ?? '');
  const { ca, cert, key } = await secretsOf(config);
  const agent = new Agent({ keepAlive: true, ca, cert, key });
  let asked = 0;
  let refused = 0;

  const forward = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    asked += 1;
    const isRefused = asked % options.refuseEvery === 0;
    await sleep(options.delayMs);
    if (isRefused) {
      refused += 1;
      incoming.resume();
      response
        .writeHead(429, { 'Content-Type': 'text/plain', 'Retry-After': '1' })
        .end('too many requests, try later\n');
      return;
    }
    const { method, url: path, headers } = incoming;
    const outgoing = request({ host: upstream.hostname, port: upstream.port, method, path, headers, agent });
    response.once('close', () => outgoing.destroy());
    incoming.pipe(outgoing);
    const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.on('error', () => response.destroy());
    answer.pipe(response);
  };

  const server = createServer((incoming, response) => {
    forward(incoming, response).catch(() => response.destroy());
  });
  const tunnels = tunnelUpgrades(server, upstream, { ca, cert, key });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await writeFile(kubeconfigTo, kubeconfigFor(url), { mode: 0o600 });
  return {
    get refused() {
      return refused;
    },
    stop: async () => {
      server.closeAllConnections();
      tunnels.destroy();
      await new Promise((resolve) => server.close(resolve));
      agent.destroy();
    },
  };
}

async function secretsOf(config: KubeConfig) {
  const tls: { ca?: Buffer; cert?: Buffer; key?: Buffer } = {};
  await config.applyToHTTPSOptions(tls as never);
  return tls;
}

const kubeconfigFor = (server: string): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'trouble',
    clusters: [{ name: 'trouble', cluster: { server } }],
    users: [{ name: 'anyone', user: {} }],
    contexts: [{ name: 'trouble', context: { cluster: 'trouble', user: 'anyone', namespace: 'default' } }],
  });
