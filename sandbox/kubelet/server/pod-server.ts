/** The server program of one container: real sockets, each of them known and counted. */
import { openListeners, type PodListener } from '../container/listeners.ts';
import { type SocketRow, TcpState } from '../container/proc-net.ts';
import { http2Side } from './http2-side.ts';
import { answersOf, type PodIdentity } from './pod-answers.ts';
import { PodConnection, type Site } from './pod-connection.ts';

export interface PodServerOptions {
  /** The pod's own address; the container's TCP ports are bound there. */
  address: string;
  ports: readonly number[];
  identity: PodIdentity;
  ready: () => boolean;
  /** Whether GET / answers 500. */
  broken?: boolean;
  log: (line: string) => void;
}

export interface PodServer {
  /** Container port to the real address, for the ports that could not be bound on the pod's address. */
  readonly hostPorts: Readonly<Record<string, string>>;
  /** Established connections, on one container port or on all. */
  connections(port?: number): number;
  /** As /proc/net/tcp would show them, by the pod's address and container port. */
  sockets(): SocketRow[];
  /** Listeners close at once, idle connections too; what is open finishes. Resolves after the last connection. */
  shutDown(): Promise<void>;
  /** Listeners close at once, and every connection is reset. */
  kill(): void;
}

/** Binds all ports or none. Throws AddressInUse when someone listens there already. */
export async function openPodServer(options: PodServerOptions): Promise<PodServer> {
  const connections = new Set<PodConnection>();
  const requests = new Map<number, number>();
  let draining = false;
  let drained: (() => void) | undefined;
  const countOpen = (port: number | undefined, except?: PodConnection) => {
    let count = 0;
    for (const each of connections)
      if (each.open && each !== except && (port === undefined || each.port === port)) count += 1;
    return count;
  };
  const answers = answersOf(options.identity);
  const { pod, image } = options.identity;
  const http2 = http2Side(`${pod} ${image}\n`, { 'x-pod': pod });
  const siteOf = (port: number): Site => ({
    answers,
    http2,
    ready: options.ready,
    broken: () => options.broken ?? false,
    draining: () => draining,
    metrics: (asking) => renderMetrics(options.ports, (each) => countOpen(each, asking), requests),
    log: (line) => {
      requests.set(port, (requests.get(port) ?? 0) + 1);
      options.log(line);
    },
  });
  const sites = new Map(options.ports.map((port) => [port, siteOf(port)]));

  const listeners = await openListeners(options.address, options.ports, (socket, port) => {
    const site = sites.get(port);
    if (site === undefined) return;
    const connection = new PodConnection(socket, port, site);
    connections.add(connection);
    socket.on('close', () => {
      connections.delete(connection);
      if (connections.size === 0) drained?.();
    });
  });
  let listening = true;
  const refuse = () => {
    listening = false;
    for (const listener of listeners) listener.close();
  };

  return {
    hostPorts: hostPortsOf(listeners),
    connections: (port) => countOpen(port),
    sockets: () => [
      ...(listening ? listeners.map((listener, index) => listenRow(options.address, listener, index)) : []),
      ...[...connections].flatMap((connection) => connection.row(options.address) ?? []),
    ],
    shutDown: () => {
      draining = true;
      refuse();
      for (const connection of connections) connection.drain();
      return new Promise((resolve) => {
        drained = resolve;
        if (connections.size === 0) resolve();
      });
    },
    kill: () => {
      refuse();
      for (const connection of connections) connection.reset();
    },
  };
}

function hostPortsOf(listeners: readonly PodListener[]): Record<string, string> {
  return Object.fromEntries(
    listeners.flatMap(({ containerPort, hostAddress }) =>
      hostAddress === undefined ? [] : [[String(containerPort), hostAddress]],
    ),
  );
}

function listenRow(localAddress: string, listener: PodListener, index: number): SocketRow {
  return {
    state: TcpState.listen,
    localAddress,
    localPort: listener.containerPort,
    remoteAddress: '0.0.0.0',
    remotePort: 0,
    inode: 10_000 + index,
  };
}

/** Prometheus text exposition format, version 0.0.4. */
function renderMetrics(
  ports: readonly number[],
  countOpen: (port: number) => number,
  requests: ReadonlyMap<number, number>,
): string {
  return [
    '# HELP sandbox_open_connections Open connections by container port, without the one that asks.',
    '# TYPE sandbox_open_connections gauge',
    ...ports.map((port) => `sandbox_open_connections{port="${port}"} ${countOpen(port)}`),
    '# HELP sandbox_requests_total Requests answered, by container port.',
    '# TYPE sandbox_requests_total counter',
    ...ports.map((port) => `sandbox_requests_total{port="${port}"} ${requests.get(port) ?? 0}`),
    '',
  ].join('\n');
}
