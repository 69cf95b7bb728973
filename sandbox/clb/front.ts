import { createServer, type Server } from 'node:net';
import type { SocketAddress } from './model.ts';
import { carry, turnAway } from './passage.ts';
import type { DataPlane, Door } from './world.ts';

/** The accepting side of one listener. */
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

  /** Listens at the VIP; on 127.0.0.1 with a free port where the system refuses that (privileged port, no such address, taken). */
  async open(vip: string): Promise<SocketAddress> {
    try {
      return await this.#listen(vip, this.#door.port);
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if (code !== 'EACCES' && code !== 'EADDRNOTAVAIL' && code !== 'EADDRINUSE') throw error;
      return await this.#listen('127.0.0.1', 0);
    }
  }

  /** Stops accepting; open connections go on until they are cut. */
  close(): void {
    this.#server.close();
  }

  #listen(host: string, port: number): Promise<SocketAddress> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ host, port, backlog: 1024 }, () => {
        this.#server.off('error', reject);
        const address = this.#server.address();
        resolve({ host, port: typeof address === 'object' && address !== null ? address.port : port });
      });
    });
  }
}
