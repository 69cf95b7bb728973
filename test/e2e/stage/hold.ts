/** Keeps one connection open to a chosen pod, through the load balancer. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Stage } from './stage.ts';

export interface Held {
  /** Whether the pod, or something on the way, has closed it. */
  readonly lost: boolean;
  release(): void;
}

/** A client that asks for an answer of ten minutes; connects until the load balancer of the Service gives it that pod. */
export async function holdConnection(
  t: { after(done: () => void): void },
  stage: Stage,
  pod: string,
  service = 'nginx',
): Promise<Held> {
  const { host, port } = await stage.frontDoor(service);
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const socket = connect(port, host);
    socket.write('GET /stream?ms=600000 HTTP/1.1\r\nHost: sandbox\r\n\r\n');
    if (await answeredBy(socket, pod)) return keep(t, socket);
    socket.destroy();
  }
  throw new Error(`the load balancer never chose ${pod}`);
}

async function answeredBy(socket: Socket, pod: string): Promise<boolean> {
  const [head] = (await once(socket, 'data')) as [Buffer];
  return /^x-pod: (\S+)/m.exec(head.toString())?.[1] === pod;
}

function keep(t: { after(done: () => void): void }, socket: Socket): Held {
  let lost = false;
  let released = false;
  socket.resume();
  socket.on('error', () => undefined);
  socket.on('close', () => {
    lost = !released;
  });
  const release = () => {
    released = true;
    socket.destroy();
  };
  t.after(release);
  return {
    get lost() {
      return lost;
    },
    release,
  };
}
