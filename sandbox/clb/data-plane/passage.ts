import { connect, type Socket } from 'node:net';
import type { BalancerTarget } from '../balancers/balancer-target.ts';
import type { FateRecord } from '../model.ts';
import type { DataPlane, Door } from '../plane-world.ts';
import { type Cut, relay, reset } from './relay.ts';

/**
 * Carries one accepted (and paused) client connection to the chosen backend until it ends, and records how.
 * When the backend cannot be reached the client gets RST: a layer-4 balancer does not try another one.
 */
export function carry(client: Socket, target: BalancerTarget, door: Door, plane: DataPlane): void {
  const { meter } = target;
  const openedAtMs = plane.now();
  const clientPort = client.remotePort ?? 0;
  const backend = { address: target.address, port: target.port };

  const ended = (end: FateRecord['end'], firstToClose?: FateRecord['firstToClose']): void => {
    const endedAtMs = plane.now();
    clearTimeout(dialTimer);
    target.connections.delete(cut);
    meter.closed(endedAtMs);
    plane.fates.ended({
      clientPort,
      balancerId: door.balancerId,
      listenerPort: door.port,
      backend,
      openedAtMs,
      endedAtMs,
      end,
      firstToClose,
      weightAtEnd: target.weight,
    });
  };
  let stage: Cut = (end) => {
    stage = () => undefined;
    ended(end);
    reset(client);
    upstream.destroy();
  };
  const cut: Cut = (end) => stage(end);
  const onDialError = (): void => cut('backend-refused');
  const onEarlyClientError = (): void => cut('client-reset');

  plane.fates.opened(clientPort, backend);
  meter.opened(openedAtMs);
  target.connections.add(cut);
  client.on('error', onEarlyClientError);

  const route = plane.route(target.address, target.port);
  const upstream = connect({ host: route.host, port: route.port, allowHalfOpen: true, noDelay: true });
  const dialTimer = setTimeout(() => cut('dial-timeout'), plane.dialTimeoutMs);
  upstream.on('error', onDialError);
  upstream.once('connect', () => {
    clearTimeout(dialTimer);
    upstream.off('error', onDialError);
    client.off('error', onEarlyClientError);
    stage = relay(client, upstream, {
      fromClient: (bytes) => meter.receivedByBackend(bytes, plane.now()),
      fromBackend: (bytes) => meter.sentByBackend(bytes, plane.now()),
      ended,
    });
    if (door.idleTimeoutMs > 0) client.setTimeout(door.idleTimeoutMs, () => cut('idle-timeout'));
  });
}

/** Refuses a client for which there is no backend: its connection is made, then reset in the next turn, so that a client in this process has seen its own port. */
export function turnAway(client: Socket, door: Door, plane: DataPlane): void {
  const nowMs = plane.now();
  client.on('error', () => undefined);
  plane.fates.ended({
    clientPort: client.remotePort ?? 0,
    balancerId: door.balancerId,
    listenerPort: door.port,
    backend: undefined,
    openedAtMs: nowMs,
    endedAtMs: nowMs,
    end: 'no-backend',
    firstToClose: undefined,
    weightAtEnd: undefined,
  });
  setImmediate(() => reset(client));
}
