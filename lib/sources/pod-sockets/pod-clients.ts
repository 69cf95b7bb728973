/**
 * Whether the connections of clients show on the port that the load balancer sends to. A proxy in the pod may take them over on a
 * port of its own (iptables REDIRECT), and the program then has but those that the proxy makes to it, if any, over loopback.
 */
import type { CountedBackend } from '../../ports.ts';
import { connectionsOn, isLoopback, isOnlyWithin, isWithin } from './connections.ts';
import { type Socket, TcpState } from './proc-net-tcp.ts';

/** Ports on which proxies take redirected connections, unless configured otherwise (docs of Istio, "Application requirements"; of Linkerd, "Proxy configuration"). */
const REDIRECTORS: ReadonlyMap<number, string> = new Map([
  [15_001, 'Istio, Kuma, Consul'],
  [15_006, 'Istio, Kuma'],
  [4143, 'Linkerd'],
]);

/** States of a socket that a client has begun to connect to; also of one that is over. */
const MET: ReadonlySet<number> = new Set(
  Object.values(TcpState).filter(
    (state) => state !== TcpState.listen && state !== TcpState.close && state !== TcpState.synSent,
  ),
);

/** The cure for a port that cannot be counted here. */
export const ELSEWHERE = 'count elsewhere (--source clb, or a gauge of the program: --metric)';

type Place = Pick<CountedBackend, 'pod' | 'port' | 'address' | 'inside'>;

/** Whether no Service leads to the port: a container declares it, and that is all. */
export const isDeclaredOnly = ({ inside }: Pick<CountedBackend, 'inside'>): boolean => inside?.leads.length === 0;

/** Why clients' connections do not show on the port although other connections show there, or undefined. */
export function hiddenBecause(sockets: readonly Socket[], { pod, port, address, inside }: Place): string | undefined {
  const listeners = sockets.filter(({ state }) => state === TcpState.listen);
  const own = listeners.filter(
    ({ localPort, localAddress }) =>
      localPort === port && (isOf(localAddress, address) || isOnlyWithin(localAddress, address)),
  );
  // Of a Service one port may lead nowhere yet: a port without a listener takes no connection.
  if (own.length === 0 && inside === undefined)
    return `nothing listens on port ${port} of pod ${pod}: its connections would not show there; ${ELSEWHERE}`;
  if (own.length > 0 && own.every(({ localAddress }) => isOnlyWithin(localAddress, address)))
    return `port ${port} of pod ${pod} is open to the pod itself only (${own[0]?.localAddress}): another program takes the connections from outside; ${ELSEWHERE}`;
  const proxy = listeners.find(({ localPort }) => localPort !== port && REDIRECTORS.has(localPort))?.localPort;
  return proxy === undefined
    ? undefined
    : `a proxy (${REDIRECTORS.get(proxy)}) listens on port ${proxy} of pod ${pod}, and takes over the connections to port ${port}; ${ELSEWHERE}`;
}

/** Whether a listener at `bound` takes what comes to `address`; the one for every IPv6 address takes IPv4 too, unless configured otherwise. */
const isOf = (bound: string, address: string): boolean =>
  bound === address || bound === '::' || (bound === '0.0.0.0' && !address.includes(':'));

/** Whether anybody outside the pod is, or was just now, connected to the port itself: so its connections are not taken over. */
export const showsClients = (sockets: readonly Socket[], { port, address }: Place): boolean =>
  sockets.some(
    (socket) =>
      socket.localPort === port &&
      MET.has(socket.state) &&
      !isWithin(socket, address) &&
      socket.remoteAddress !== socket.localAddress &&
      // Istio's proxy comes to the program from 127.0.0.6. Pods of a rehearsal have loopback addresses, as have their clients.
      (!isLoopback(socket.remoteAddress) || isLoopback(socket.localAddress)),
  );

/** The connections that a program in the pod holds to the port: a proxy's, a health checker's, or an exporter's. */
export const heldWithin = (sockets: readonly Socket[], { port, address }: Place): Socket[] =>
  connectionsOn(sockets, port).filter((socket) => isWithin(socket, address));
