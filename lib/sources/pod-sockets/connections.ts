/** Which sockets are connections that end with the pod, and whose they are. */
import type { CountedBackend, Holder } from '../../ports.ts';
import { type Socket, TcpState } from './proc-net-tcp.ts';

/**
 * States in which something can still be lost: data may come (established, FIN_WAIT2), is still to be sent (CLOSE_WAIT), or
 * is sent and not acknowledged (FIN_WAIT1, CLOSING, LAST_ACK). Not listeners, not TIME_WAIT, which has nothing left to lose,
 * and not half-open ones: a health check that is reset after the handshake's second step stays half-open, and a client that goes on
 * is established at the next look.
 */
const HOLDING: ReadonlySet<number> = new Set([
  TcpState.established,
  TcpState.finWait1,
  TcpState.finWait2,
  TcpState.closeWait,
  TcpState.lastAck,
  TcpState.closing,
]);

/** Longer than a probe lasts, shorter than anybody waits for. */
export const SECOND_LOOK_MS = 200;

/** The connections on `port`, of any client. */
export const connectionsOn = (sockets: readonly Socket[], port: number): Socket[] =>
  sockets.filter(
    ({ localPort, state, inode }) =>
      localPort === port &&
      HOLDING.has(state) &&
      // The program has let go of it, and all that it sent is acknowledged: what is left is the kernel's timer.
      !(state === TcpState.finWait2 && inode === 0),
  );

export const isLoopback = (address: string): boolean => address === '::1' || address.startsWith('127.');

/** Whether only the pod itself reaches this address. The others of 127.0.0.0/8 are pods in a rehearsal (docs/sandbox.md). */
export const isOnlyWithin = (address: string, podAddress: string): boolean =>
  (address === '127.0.0.1' || address === '::1') && address !== podAddress;

/** Whether both ends are in the pod: a sidecar's probe, say, or a proxy's way to the program. */
export const isWithin = ({ localAddress, remoteAddress }: Socket, podAddress: string): boolean =>
  isOnlyWithin(localAddress, podAddress) && isLoopback(remoteAddress);

/**
 * Whether a connection to a port that a container only declares may be cut without loss: its peer is in the pod, and ends with it, or on its
 * node, as a kubelet, or an agent that looks after every pod there.
 */
export const isOfPodOrNode = (
  socket: Socket,
  { address, inside }: Pick<CountedBackend, 'address' | 'inside'>,
): boolean =>
  isWithin(socket, address) ||
  socket.remoteAddress === socket.localAddress ||
  [address, ...(inside?.nodeAddresses ?? [])].includes(socket.remoteAddress);

/** The peer's end, which identifies a connection to a port. */
export const endOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`;

const DOUBT_EVERY_MS = 30_000;

/** Remembers since when each connection is seen, for as long as the process runs. */
export class Sightings {
  readonly #sinceMs = new Map<string, ReadonlyMap<string, number>>();
  readonly #doubtedMs = new Map<string, number>();

  /**
   * Whether a reading deserves a second one: a probe of the kubelet's over HTTP is a whole connection, for milliseconds.
   * Only when nothing of it was there before, and once in half a minute: short connections that keep coming stay busy.
   */
  isDoubtful(backend: string, connections: readonly Socket[], nowMs: number): boolean {
    const before = this.#sinceMs.get(backend);
    const isNew = connections.every((each) => before?.has(endOf(each)) !== true);
    const doubtedMs = this.#doubtedMs.get(backend) ?? Number.NEGATIVE_INFINITY;
    if (connections.length === 0 || !isNew || nowMs - doubtedMs < DOUBT_EVERY_MS) return false;
    this.#doubtedMs.set(backend, nowMs);
    return true;
  }

  /** The peers of one backend's connections, those that have been seen longest first. */
  note(backend: string, connections: readonly Socket[], nowMs: number): Holder[] {
    const before = this.#sinceMs.get(backend);
    const since = new Map(connections.map((each) => [endOf(each), before?.get(endOf(each)) ?? nowMs] as const));
    this.#sinceMs.set(backend, since);
    const holders = new Map<string, Required<Holder>>();
    for (const each of connections) {
      const peer = each.remoteAddress;
      const known = holders.get(peer) ?? { peer, connections: 0, seenForMs: 0 };
      // A clock that is set back makes nothing shorter than nothing.
      const seenForMs = Math.max(0, nowMs - (since.get(endOf(each)) ?? nowMs));
      holders.set(peer, {
        peer,
        connections: known.connections + 1,
        seenForMs: Math.max(known.seenForMs, seenForMs),
      });
    }
    return [...holders.values()].sort((a, b) => b.seenForMs - a.seenForMs || b.connections - a.connections);
  }
}
