import { createServer, type Server } from 'node:net';
import type { SocketAddress } from '../model.ts';
import type { DataPlane, Door } from '../plane-world.ts';
import { listenAt } from './listen.ts';
import { carry, turnAway } from './passage.ts';

/** The accepting side of one layer-4 listener. */
export class Front {
  readonly #door: Door;
  readonly #server: Server;

  constructor(door: Door, plane: DataPlane) {
    this.#door = door;
    // Paused until the backend has answered: what the client says first waits in its own socket.
    this.#server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true }, (client) => {
      const target = door.admit(client.remoteAddress ?? '');
      if (target === undefined) turnAway(client, door, plane);
      else carry(client, target, door, plane);
    });
  }

  open(vip: string): Promise<SocketAddress> {
    return listenAt(this.#server, vip, this.#door.port);
  }

  /** Stops accepting; open connections go on until they are cut. */
  close(): void {
    this.#server.close();
  }
}
