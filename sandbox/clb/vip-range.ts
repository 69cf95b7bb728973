/** Addresses of load balancers that no other sandbox on this system has: each sandbox holds a range of its own. */
import { createServer, type Server } from 'node:net';
import type { Running } from '../common/running.ts';

/** Listening there is what marks a range as taken; no balancer gets .254, and no client connects. */
const CLAIM = { host: 254, port: 40_088 };
const RANGES = 256;

export interface VipRange extends Running {
  /** First three numbers of the addresses. */
  prefix: string;
}

/**
 * Takes the first range of 127.88.0 to 127.88.255 that is free, until `stop`. Where the system has no such addresses (127.0.0.1
 * only) it is 127.88.0, on which nothing can listen anyway. Throws when every range is taken.
 */
export async function claimVipRange(): Promise<VipRange> {
  for (let range = 0; range < RANGES; range += 1) {
    const prefix = `127.88.${range}`;
    const server = createServer((socket) => socket.destroy());
    const failure = await listen(server, `${prefix}.${CLAIM.host}`);
    if (failure === 'EADDRINUSE') continue;
    return { prefix, stop: () => close(server) };
  }
  throw new Error(`all ${RANGES} ranges of addresses for load balancers are taken by other sandboxes`);
}

function listen(server: Server, host: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ host, port: CLAIM.port, exclusive: true }, () => resolve(undefined));
  });
}

const close = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    if (server.listening) server.close(() => resolve());
    else resolve();
  });
