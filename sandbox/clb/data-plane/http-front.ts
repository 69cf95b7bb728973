/**
 * The accepting side of an HTTP listener. A client's connection ends here: each request is scheduled anew and goes out on a
 * connection of the balancer's own, so that a long connection of a client binds it to no backend (CLB: persistence and long connections).
 */
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { Socket } from 'node:net';
import type { BalancerTarget } from '../balancers/balancer-target.ts';
import type { BackendAddress, FateRecord, SocketAddress } from '../model.ts';
import type { DataPlane, HttpDoor } from '../plane-world.ts';
import { HttpPool } from './http-pool.ts';
import { listenAt } from './listen.ts';

/** Of one connection only (RFC 9110, 7.6.1). */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);
/** CLB keeps a silent client's connection this long. */
const CLIENT_IDLE_MS = 75_000;

export class HttpFront {
  readonly #door: HttpDoor;
  readonly #plane: DataPlane;
  readonly #server: Server;
  readonly #pools = new WeakMap<BalancerTarget, HttpPool>();
  /** The backend of the latest request on each client connection. */
  readonly #latest = new WeakMap<Socket, BalancerTarget>();

  constructor(door: HttpDoor, plane: DataPlane) {
    this.#door = door;
    this.#plane = plane;
    this.#server = createServer({ keepAliveTimeout: CLIENT_IDLE_MS, noDelay: true }, (asked, answer) =>
      this.#pass(asked, answer),
    );
    this.#server.on('connection', (client) => {
      const clientPort = client.remotePort ?? 0;
      client.once('close', () => plane.fates.ended(this.#fateOf(clientPort, this.#latest.get(client))));
    });
  }

  open(vip: string): Promise<SocketAddress> {
    return listenAt(this.#server, vip, this.#door.port);
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #pass(asked: IncomingMessage, answer: ServerResponse): void {
    const { remoteAddress = '', remotePort = 0 } = asked.socket;
    const host = asked.headers.host?.replace(/:\d+$/, '') ?? '';
    const target = this.#door.admitRequest(host, remoteAddress, (each) => this.#pools.get(each)?.hasIdle ?? false);
    if (target === undefined) {
      answer.writeHead(503).end();
      return;
    }
    this.#latest.set(asked.socket, target);
    this.#plane.fates.opened(remotePort, backendOf(target));
    const call = request({
      agent: this.#poolOf(target),
      method: asked.method,
      path: asked.url,
      headers: { ...endToEnd(asked.headers), 'x-forwarded-for': remoteAddress },
    });
    target.meter.receivedByBackend(asked.rawHeaders.join('').length, this.#plane.now());
    call.once('response', (said) => {
      target.meter.sentByBackend(said.rawHeaders.join('').length, this.#plane.now());
      answer.writeHead(said.statusCode ?? 502, endToEnd(said.headers));
      // An answer that breaks off must not look as if it had ended.
      said.once('error', () => answer.destroy());
      said.pipe(answer);
    });
    call.once('error', () => {
      if (answer.headersSent) answer.destroy();
      else answer.writeHead(502).end();
    });
    answer.once('close', () => {
      if (!answer.writableFinished) call.destroy();
    });
    asked.pipe(call);
  }

  #poolOf(target: BalancerTarget): HttpPool {
    const known = this.#pools.get(target);
    if (known !== undefined) return known;
    const pool = new HttpPool(target, this.#plane, () => this.#door.keepaliveMs);
    this.#pools.set(target, pool);
    return pool;
  }

  /** Only that the client's connection is over: what became of each request is for the client to say. */
  #fateOf(clientPort: number, target: BalancerTarget | undefined): FateRecord {
    const nowMs = this.#plane.now();
    return {
      clientPort,
      balancerId: this.#door.balancerId,
      listenerPort: this.#door.port,
      backend: target === undefined ? undefined : backendOf(target),
      openedAtMs: nowMs,
      endedAtMs: nowMs,
      end: 'closed',
      firstToClose: undefined,
      weightAtEnd: target?.weight,
    };
  }
}

const backendOf = ({ address, port }: BalancerTarget): BackendAddress => ({ address, port });

const endToEnd = (headers: IncomingHttpHeaders): OutgoingHttpHeaders =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP_BY_HOP.has(name)));
