import type { Socket } from 'node:net';
import type { EndReason } from '../model.ts';

/** The reports of a running relay. */
export interface RelayObserver {
  fromClient(bytes: number): void;
  fromBackend(bytes: number): void;
  /** Called once, before any reset is sent on, so that a client that sees the reset can already ask for its cause. */
  ended(end: EndReason, firstToClose: 'client' | 'backend' | undefined): void;
}

/** Ends both sides of a relay at once with RST. */
export type Cut = (end: EndReason) => void;

/**
 * Joins two connected sockets (both with `allowHalfOpen`) the way a layer-4 balancer does: bytes and FIN pass each way on
 * their own, RST on one side becomes RST on the other. The client may be paused; it is resumed here.
 */
export function relay(client: Socket, backend: Socket, observer: RelayObserver): Cut {
  let over = false;
  let firstToClose: 'client' | 'backend' | undefined;
  let closedSides = 0;

  const finish = (end: EndReason): boolean => {
    if (over) return false;
    over = true;
    observer.ended(end, firstToClose);
    return true;
  };
  const cut: Cut = (end) => {
    if (!finish(end)) return;
    reset(client);
    reset(backend);
  };
  const join = (from: Socket, to: Socket, side: 'client' | 'backend', count: (bytes: number) => void): void => {
    from.on('data', (chunk: Buffer) => {
      count(chunk.length);
      if (!to.destroyed && !to.write(chunk)) from.pause();
    });
    to.on('drain', () => from.resume());
    from.on('end', () => {
      firstToClose ??= side;
      if (!to.destroyed) to.end();
    });
    from.on('error', () => cut(side === 'client' ? 'client-reset' : 'backend-reset'));
    from.on('close', () => {
      closedSides += 1;
      if (closedSides === 2) finish('closed');
    });
  };

  join(client, backend, 'client', observer.fromClient);
  join(backend, client, 'backend', observer.fromBackend);
  client.resume();
  return cut;
}

/**
 * RST instead of FIN; harmless on a socket that is already gone. While a FIN is still on its way out libuv refuses the
 * reset (uv_tcp_close_reset: EINVAL) and Node would keep the socket for ever, so that one is just closed.
 */
export function reset(socket: Socket): void {
  if (socket.destroyed) return;
  if (socket.writableEnded && !socket.writableFinished) socket.destroy();
  else socket.resetAndDestroy();
}
