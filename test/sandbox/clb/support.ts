/** Real backends and clients on loopback for the balancer's tests. */
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { type Clb, startBalancers } from '../../../sandbox/clb/balancers/balancers.ts';
import type { Task } from '../../../sandbox/clb/balancers/tasks.ts';
import type { ListenerOptions, SocketAddress, TargetHealth } from '../../../sandbox/clb/model.ts';
import type { ClbOptions } from '../../../sandbox/clb/options.ts';

export interface TestBackend {
  port: number;
  /** Connections that said something or stayed: probes come and go at once. */
  sockets: Set<Socket>;
  server: Server;
}

/** A TCP server that says `hello NAME` to every connection and echoes what it hears. */
export async function startBackend(t: TestContext, name: string): Promise<TestBackend> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    socket.write(`hello ${name}\n`);
    socket.on('data', (chunk) => socket.write(chunk));
    socket.on('end', () => socket.end('bye\n'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { port: address.port, sockets, server };
}

/** A client connection; `text` gathers what it received, `over` resolves with how it ended. */
export interface TestClient {
  socket: Socket;
  localPort: number;
  text(): string;
  /** Resolves once the text holds `part`. */
  hears(part: string): Promise<void>;
  over: Promise<'fin' | 'reset'>;
}

export async function startClient(t: TestContext, to: SocketAddress): Promise<TestClient> {
  const socket = connect({ ...to, allowHalfOpen: true });
  t.after(() => socket.destroy());
  let text = '';
  const over = new Promise<'fin' | 'reset'>((resolve) => {
    socket.on('error', () => resolve('reset'));
    socket.on('end', () => resolve('fin'));
    socket.on('close', () => resolve('fin'));
  });
  await once(socket, 'connect');
  const localPort = socket.localPort ?? 0;
  socket.on('data', (chunk) => {
    text += chunk.toString();
    socket.emit('heard');
  });
  const hears = async (part: string): Promise<void> => {
    while (!text.includes(part)) {
      if (socket.destroyed) throw new Error(`the connection ended before it said ${part}`);
      await Promise.race([once(socket, 'heard'), over]);
    }
  };
  return { socket, localPort, text: () => text, hears, over };
}

/** Balancers at a pace for tests: no lag, one answered probe makes healthy. */
export function startTestClb(t: TestContext, options: ClbOptions = {}): Clb {
  const clb = startBalancers({
    lagMs: 0,
    healthIntervalMs: 5,
    healthyThreshold: 1,
    unhealthyThreshold: 1,
    ...options,
  });
  t.after(() => clb.stop());
  return clb;
}

/** Waits for a task and fails the test when the task failed. */
export async function settle<T extends Task>(task: T): Promise<T> {
  const state = await task.done;
  if (state.status !== 0) throw new Error(`the task failed: ${state.message}`);
  return task;
}

export interface OneListener {
  clb: Clb;
  balancerId: string;
  listenerId: string;
  address: SocketAddress;
}

/** One balancer with one TCP listener on port 8080. */
export async function startOneListener(
  t: TestContext,
  options: ClbOptions = {},
  listener: Partial<ListenerOptions> = {},
): Promise<OneListener> {
  const clb = startTestClb(t, options);
  const { balancerId } = await settle(clb.createBalancer());
  const created = await settle(clb.createListeners(balancerId, [{ protocol: 'TCP', port: 8080, ...listener }]));
  const address = clb.addressOf(balancerId, listener.port ?? 8080);
  const [listenerId] = created.listenerIds;
  if (address === undefined || listenerId === undefined) throw new Error('the listener is not open');
  return { clb, balancerId, listenerId, address };
}

/** Resolves once the backend's health is `health`. */
export async function healthOf(one: OneListener, port: number, health: TargetHealth): Promise<void> {
  const target = (): TargetHealth | undefined =>
    one.clb.balancer(one.balancerId)?.listeners.get(one.listenerId)?.find({ address: '127.0.0.1', port })?.health;
  if (target() === health) return;
  await new Promise<void>((resolve) => {
    const stop = one.clb.onHealthChange(() => {
      if (target() !== health) return;
      stop();
      resolve();
    });
  });
}

/** Binds a backend of 127.0.0.1 and waits until it is healthy. */
export async function bindAlive(one: OneListener, port: number, weight = 10): Promise<void> {
  await settle(
    one.clb.bindTargets(one.balancerId, [{ listenerId: one.listenerId, address: '127.0.0.1', port, weight }]),
  );
  await healthOf(one, port, 'alive');
}

/** Polls without a fixed sleep until `condition` holds. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2));
}
