/** Keeps one connection open to a chosen pod, through the load balancer. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { text } from '../../../../lib/core/values/read.ts';
import { HOST_PORTS_ANNOTATION } from '../../../../sandbox/common/pod-behaviour.ts';
import type { Stage } from '../stage.ts';

/** Not the address of the pods' node, which is 127.0.0.1 in a rehearsal. */
const ELSEWHERE = '127.9.9.9';

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
  servicePort = 80,
): Promise<Held> {
  const { host, port } = await stage.frontDoor(service, servicePort);
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const socket = connect(port, host);
    socket.write('GET /stream?ms=600000 HTTP/1.1\r\nHost: sandbox\r\n\r\n');
    if (await answeredBy(socket, pod)) return keep(t, socket);
    socket.destroy();
  }
  throw new Error(`the load balancer never chose ${pod}`);
}

/** A client connected to the pod itself, as by the address of a ClusterIP or the name of a headless Service. */
export async function connectInside(
  t: { after(done: () => void): void },
  stage: Stage,
  name: string,
  port: number,
): Promise<Held> {
  const pod = (await stage.pods()).find((each) => each.metadata.name === name);
  const elsewhere = JSON.parse(pod?.metadata.annotations?.[HOST_PORTS_ANNOTATION] ?? '{}') as Record<string, string>;
  const [host = '', at = ''] = (elsewhere[port] ?? `${text(pod, 'status', 'podIP')}:${port}`).split(':');
  const socket = connect({ host, port: Number(at), localAddress: ELSEWHERE });
  await once(socket, 'connect');
  socket.write('GET /stream?ms=600000 HTTP/1.1\r\nHost: sandbox\r\n\r\n');
  await once(socket, 'data');
  return keep(t, socket);
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
