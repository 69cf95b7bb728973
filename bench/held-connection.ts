/** A client that holds one connection to one pod. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface HeldConnection {
  /** Ends it properly; resolves to the moment of the end. */
  close(): Promise<number>;
}

const REQUEST = 'GET / HTTP/1.1\r\nHost: bench\r\n\r\n';
/** The load balancer takes turns, so that every pod comes up before long; one that was drained has its weight back after a while. */
const TRIES = 1000;
const PAUSE_MS = 10;

/** Connects until the pod of this name answers, and keeps that connection. */
export async function holdConnectionTo(pod: string, door: { host: string; port: number }): Promise<HeldConnection> {
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const socket = connect(door).on('error', () => undefined);
    socket.write(REQUEST);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    if (/^x-pod: *(\S+)/im.exec(answer.toString('latin1'))?.[1] === pod) {
      return {
        async close() {
          const endedMs = Date.now();
          socket.end();
          await once(socket, 'close');
          return endedMs;
        },
      };
    }
    socket.destroy();
    await sleep(PAUSE_MS);
  }
  throw new Error(`${pod} answered none of ${TRIES} connections`);
}
