/** Listening sockets on a pod's own address, or on 127.0.0.1 where that is not to be had. */
import { createServer, type Server, type Socket } from 'node:net';

/** Another process, or a sibling, already listens there. */
export class AddressInUse extends Error {}

export interface PodListener {
  containerPort: number;
  /** `127.0.0.1:40123` when the port could not be bound on the pod's own address. */
  hostAddress: string | undefined;
  /** Refuses new connections from now on; open ones stay. */
  close(): void;
}

const BACKLOG = 1_024;

/** Listens on every port or on none. Throws AddressInUse; any other failure falls back to a free port of 127.0.0.1. */
export async function openListeners(
  address: string,
  ports: readonly number[],
  onConnection: (socket: Socket, containerPort: number) => void,
): Promise<PodListener[]> {
  const opened: PodListener[] = [];
  try {
    for (const port of ports) opened.push(await openListener(address, port, onConnection));
  } catch (error) {
    for (const listener of opened) listener.close();
    throw error;
  }
  return opened;
}

async function openListener(
  address: string,
  containerPort: number,
  onConnection: (socket: Socket, containerPort: number) => void,
): Promise<PodListener> {
  const server = createServer({ noDelay: true }, (socket) => onConnection(socket, containerPort));
  let hostAddress: string | undefined;
  try {
    await listen(server, address, containerPort);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE')
      throw new AddressInUse(`${address}:${containerPort} is in use`, { cause: error });
    // EACCES: a privileged port; EADDRNOTAVAIL: a system that has 127.0.0.1 only.
    await listen(server, '127.0.0.1', 0);
    const bound = server.address();
    if (bound === null || typeof bound === 'string') throw error;
    hostAddress = `${bound.address}:${bound.port}`;
  }
  return {
    containerPort,
    hostAddress,
    close: () => {
      server.close();
    },
  };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, backlog: BACKLOG, exclusive: true }, () => {
      server.off('error', reject);
      // accept() can fail for want of descriptors; the kernel keeps the connection and tries again.
      server.on('error', () => {});
      resolve();
    });
  });
}
