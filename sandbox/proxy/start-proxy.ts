/**
 * A layer-7 proxy with the retry rule of ingress-nginx, which is that of every nginx: workers that each go round the
 * upstreams by a counter of their own, `proxy_next_upstream error timeout`, three tries. ingress-nginx itself is retired.
 */
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Clock, Kube } from '../../lib/ports.ts';
import type { SocketAddress } from '../clb/model.ts';
import type { Running } from '../common/running.ts';
import { systemClock } from '../common/system-clock.ts';
import { type ForwardOptions, forward } from './forward.ts';
import { followEndpoints, type Upstream } from './upstreams.ts';

export interface ProxyOptions extends Partial<ForwardOptions> {
  namespace?: string;
  service: string;
  /** How long a change of the Endpoints takes to arrive, ms; default 0. */
  lagMs?: number;
  /** Worker processes; each connection of a client is one worker's, by chance. Default 1. */
  workers?: number;
  /** Uniform in [0, 1). */
  random?: () => number;
  clock?: Clock;
}

export interface ProxyCounts {
  requests: number;
  /** Tries that failed, retried or not. */
  failedTries: number;
  /** Answers by status, the proxy's own 502, 503 and 504 among them. */
  byStatus: Record<number, number>;
  /** Of the failed tries the first and the last, ms since 1970; 0 = none. */
  firstFailureAtMs: number;
  lastFailureAtMs: number;
}

export interface UpstreamProxy extends Running {
  address: SocketAddress;
  upstreams(): readonly Upstream[];
  /** Every moment at which they changed, ms since 1970. */
  changesAtMs(): readonly number[];
  counts(): ProxyCounts;
}

/** nginx's defaults: proxy_next_upstream_tries of ingress-nginx is 3; connect 5 s, read 60 s. */
const DEFAULTS: ForwardOptions = { tries: 3, connectTimeoutMs: 5_000, readTimeoutMs: 60_000 };

/** Resolves when it listens on a free port of 127.0.0.1 and knows its upstreams. */
export async function startProxy(kube: Kube, options: ProxyOptions): Promise<UpstreamProxy> {
  const { namespace = kube.namespace, service, lagMs = 0, workers = 1, random = Math.random } = options;
  const { clock = systemClock } = options;
  const upstreams = followEndpoints(kube, { namespace, service, lagMs, clock });
  const counters = new Array<number>(workers).fill(0);
  const workerOf = new WeakMap<Socket, number>();
  const counts: ProxyCounts = { requests: 0, failedTries: 0, byStatus: {}, firstFailureAtMs: 0, lastFailureAtMs: 0 };
  const report = {
    failed: () => {
      counts.failedTries += 1;
      counts.lastFailureAtMs = clock.now();
      counts.firstFailureAtMs ||= counts.lastFailureAtMs;
    },
    answered: (status: number) => {
      counts.byStatus[status] = (counts.byStatus[status] ?? 0) + 1;
    },
  };
  /** Round robin: the counter goes on with every try of every request of this worker. */
  const next = (worker: number) => (): Upstream | undefined => {
    const servers = upstreams.current();
    const turn = counters[worker] ?? 0;
    counters[worker] = turn + 1;
    return servers.length === 0 ? undefined : servers[turn % servers.length];
  };
  const server = createServer((incoming, response) => {
    counts.requests += 1;
    void forward(incoming, response, next(workerOf.get(incoming.socket) ?? 0), { ...DEFAULTS, ...options }, report);
  });
  server.on('connection', (socket) => {
    socket.setNoDelay(true);
    workerOf.set(socket, Math.floor(random() * workers));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: '127.0.0.1', port: 0, backlog: 1024 }, resolve);
  });
  await upstreams.synced;
  const { address: host, port } = server.address() as AddressInfo;
  return {
    address: { host, port },
    upstreams: () => upstreams.current(),
    changesAtMs: () => upstreams.changesAtMs(),
    counts: () => structuredClone(counts),
    async stop() {
      await upstreams.stop();
      server.closeAllConnections();
      await new Promise<void>((resolve) => {
        if (server.listening) server.close(() => resolve());
        else resolve();
      });
    },
  };
}
