import type { Server } from 'node:net';
import type { SocketAddress } from '../model.ts';

/** Listens at the VIP; on 127.0.0.1 with a free port where the system refuses that (privileged port, no such address, taken). */
export async function listenAt(server: Server, vip: string, port: number): Promise<SocketAddress> {
  try {
    return await listen(server, vip, port);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code !== 'EACCES' && code !== 'EADDRNOTAVAIL' && code !== 'EADDRINUSE') throw error;
    return await listen(server, '127.0.0.1', 0);
  }
}

function listen(server: Server, host: string, port: number): Promise<SocketAddress> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, backlog: 1024 }, () => {
      server.off('error', reject);
      const address = server.address();
      resolve({ host, port: typeof address === 'object' && address !== null ? address.port : port });
    });
  });
}
