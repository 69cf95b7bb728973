/** The connections of a layer-7 listener to one backend, kept for a while for the next request. */
import { Agent, type ClientRequest } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { BalancerTarget } from '../balancers/balancer-target.ts';
import type { DataPlane } from '../plane-world.ts';
import type { Cut } from './relay.ts';

export class HttpPool extends Agent {
  readonly #target: BalancerTarget;
  readonly #plane: DataPlane;
  readonly #keepMs: () => number;
  #isOver = false;

  /** `keepMs`: how long an idle connection is kept, asked each time one becomes idle; 0 = not at all. */
  constructor(target: BalancerTarget, plane: DataPlane, keepMs: () => number) {
    super({ keepAlive: true });
    this.#target = target;
    this.#plane = plane;
    this.#keepMs = keepMs;
  }

  /** Whether a connection waits here for the next request. */
  get hasIdle(): boolean {
    return Object.values(this.freeSockets).some((sockets) => (sockets?.length ?? 0) > 0);
  }

  /** Counted from the dial on, like those of layer 4. */
  override createConnection(): Socket {
    const { meter, connections } = this.#target;
    const route = this.#plane.route(this.#target.address, this.#target.port);
    const socket = connect({ host: route.host, port: route.port, noDelay: true });
    const dialTimer = setTimeout(() => socket.destroy(new Error('dial time-out')), this.#plane.dialTimeoutMs);
    socket.once('connect', () => clearTimeout(dialTimer));
    // Unbound, a layer-7 backend still ends what it has begun (CLB documentation: weight 0 versus unbinding).
    const cut: Cut = (end) => {
      this.#isOver = true;
      if (end !== 'unbound' || this.#isIdle(socket)) socket.destroy();
    };
    meter.opened(this.#plane.now());
    connections.add(cut);
    socket.once('close', () => {
      clearTimeout(dialTimer);
      connections.delete(cut);
      meter.closed(this.#plane.now());
    });
    return socket;
  }

  override keepSocketAlive(stream: Duplex): boolean {
    const keepMs = this.#isOver ? 0 : this.#keepMs();
    if (keepMs === 0) return false;
    // The agent closes an idle connection when its time is out.
    (stream as Socket).setTimeout(keepMs);
    return true;
  }

  override reuseSocket(stream: Duplex, asking: ClientRequest): void {
    super.reuseSocket(stream, asking);
    (stream as Socket).setTimeout(0);
  }

  #isIdle(socket: Socket): boolean {
    return Object.values(this.freeSockets).some((sockets) => sockets?.includes(socket));
  }
}
