/** Passes upgraded connections (exec) through to the API server behind a forwarding address. */
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type ConnectionOptions, connect } from 'node:tls';

export interface Tunnels {
  /** Ends all of them: the server forgets a socket that it has handed over, yet waits for it when it closes. */
  destroy(): void;
}

/** `secrets`: what the upstream server wants of its clients. */
export function tunnelUpgrades(server: Server, upstream: URL, secrets: ConnectionOptions): Tunnels {
  const open = new Set<Duplex>();
  server.on('upgrade', (incoming: IncomingMessage, socket, head) => {
    open.add(socket);
    const up = connect({ host: upstream.hostname, port: Number(upstream.port), ...secrets });
    const headers = incoming.rawHeaders.map((word, index) => (index % 2 === 0 ? `${word}: ` : `${word}\r\n`)).join('');
    up.write(`${incoming.method} ${incoming.url} HTTP/1.1\r\n${headers}\r\n`);
    up.write(head);
    socket.on('error', () => up.destroy());
    socket.once('close', () => {
      open.delete(socket);
      up.destroy();
    });
    up.on('error', () => socket.destroy());
    socket.pipe(up).pipe(socket);
  });
  return {
    destroy() {
      for (const socket of open) socket.destroy();
    },
  };
}
