import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import {
  bindAlive,
  healthOf,
  settle,
  startBackend,
  startClient,
  startOneListener,
  startTestClb,
  until,
} from './support.ts';

const at = (port: number) => ({ address: '127.0.0.1', port });

test('new connections are shared by weight', async (t) => {
  const one = await startOneListener(t);
  const [heavy, light] = [await startBackend(t, 'heavy'), await startBackend(t, 'light')];
  await bindAlive(one, heavy.port, 30);
  await bindAlive(one, light.port, 10);
  const heard: string[] = [];
  for (let i = 0; i < 8; i += 1) {
    const client = await startClient(t, one.address);
    await client.hears('\n');
    heard.push(client.text().trim());
    client.socket.destroy();
  }
  assert.equal(heard.filter((line) => line === 'hello heavy').length, 6);
});

test('weight 0 sends nothing new and keeps what is open', async (t) => {
  const one = await startOneListener(t);
  const [old, other] = [await startBackend(t, 'old'), await startBackend(t, 'other')];
  await bindAlive(one, old.port);
  const stream = await startClient(t, one.address);
  await stream.hears('hello old');
  await bindAlive(one, other.port);
  await settle(one.clb.modifyWeights(one.balancerId, [{ listenerId: one.listenerId, ...at(old.port), weight: 0 }]));
  for (let i = 0; i < 4; i += 1) {
    const client = await startClient(t, one.address);
    await client.hears('hello other');
  }
  stream.socket.write('still there?\n');
  await stream.hears('still there?');
  stream.socket.end();
  await stream.hears('bye');
  assert.equal(await stream.over, 'fin');
  await until(() => one.clb.fateOf(stream.localPort) !== undefined);
  const fate = one.clb.fateOf(stream.localPort);
  assert.equal(fate?.end, 'closed');
  assert.equal(fate?.firstToClose, 'client');
  assert.equal(fate?.weightAtEnd, 0);
  assert.deepEqual(fate?.backend, at(old.port));
});

test('unbinding resets the open connections at once', async (t) => {
  const one = await startOneListener(t);
  const backend = await startBackend(t, 'a');
  await bindAlive(one, backend.port);
  const client = await startClient(t, one.address);
  await client.hears('hello a');
  await settle(one.clb.unbindTargets(one.balancerId, [{ listenerId: one.listenerId, ...at(backend.port) }]));
  assert.equal(await client.over, 'reset');
  assert.equal(one.clb.fateOf(client.localPort)?.end, 'unbound');
});

test('all weights 0 refuses new connections and says that there was no backend', async (t) => {
  const one = await startOneListener(t);
  const backend = await startBackend(t, 'a');
  await bindAlive(one, backend.port, 0);
  const client = await startClient(t, one.address);
  assert.equal(await client.over, 'reset');
  assert.equal(one.clb.fateOf(client.localPort)?.end, 'no-backend');
  assert.equal(one.clb.fateOf(client.localPort)?.backend, undefined);
});

test('a half-closed connection goes on in the other direction', async (t) => {
  const one = await startOneListener(t);
  const backend = await startBackend(t, 'a');
  await bindAlive(one, backend.port);
  const client = await startClient(t, one.address);
  await client.hears('hello a');
  client.socket.end('last words\n');
  await client.hears('last words\nbye');
  assert.equal(await client.over, 'fin');
});

test('a reset of the backend reaches the client as a reset', async (t) => {
  const one = await startOneListener(t);
  const backend = await startBackend(t, 'a');
  await bindAlive(one, backend.port);
  const client = await startClient(t, one.address);
  await client.hears('hello a');
  for (const socket of backend.sockets) socket.resetAndDestroy();
  assert.equal(await client.over, 'reset');
  assert.equal(one.clb.fateOf(client.localPort)?.end, 'backend-reset');
});

test('a reset of the client reaches the backend as a reset', async (t) => {
  const one = await startOneListener(t, { healthIntervalMs: 60_000 });
  const backend = await startBackend(t, 'a');
  await bindAlive(one, backend.port);
  const client = await startClient(t, one.address);
  await client.hears('hello a');
  await until(() => backend.sockets.size === 1);
  const [socket] = backend.sockets;
  assert.ok(socket);
  const failed = once(socket, 'error');
  client.socket.resetAndDestroy();
  const [error] = await failed;
  assert.equal(error.code, 'ECONNRESET');
  assert.equal(one.clb.fateOf(client.localPort)?.end, 'client-reset');
});

test('a chosen backend that refuses costs the client its connection, with no second try', async (t) => {
  const one = await startOneListener(t, { healthIntervalMs: 60_000, unhealthyThreshold: 3 });
  const [gone, other] = [await startBackend(t, 'gone'), await startBackend(t, 'other')];
  await bindAlive(one, gone.port, 100);
  await bindAlive(one, other.port, 1);
  gone.server.close();
  const client = await startClient(t, one.address);
  assert.equal(await client.over, 'reset');
  assert.deepEqual(one.clb.fateOf(client.localPort)?.backend, at(gone.port));
  assert.equal(one.clb.fateOf(client.localPort)?.end, 'backend-refused');
});

test('a new backend gets no traffic before it is healthy', async (t) => {
  const one = await startOneListener(t, { healthIntervalMs: 60_000, healthyThreshold: 1 });
  const [alive, fresh] = [await startBackend(t, 'alive'), await startBackend(t, 'fresh')];
  await bindAlive(one, alive.port);
  const slow = { on: true, intervalMs: 60_000, timeoutMs: 1000, healthyThreshold: 3, unhealthyThreshold: 3 };
  await settle(one.clb.modifyListener(one.balancerId, one.listenerId, { health: slow }));
  await settle(one.clb.bindTargets(one.balancerId, [{ listenerId: one.listenerId, ...at(fresh.port), weight: 100 }]));
  await healthOf(one, fresh.port, 'probing');
  for (let i = 0; i < 4; i += 1) {
    const client = await startClient(t, one.address);
    await client.hears('hello alive');
  }
});

test('a backend of weight 0 is still health checked', async (t) => {
  const one = await startOneListener(t);
  const backend = await startBackend(t, 'a');
  await bindAlive(one, backend.port, 0);
  backend.server.close();
  await healthOf(one, backend.port, 'dead');
});

test('RescheduleTargetZeroWeight cuts the open connections of a drained backend', async (t) => {
  const one = await startOneListener(t, {}, { flags: ['RescheduleTargetZeroWeight'] });
  const backend = await startBackend(t, 'a');
  await bindAlive(one, backend.port);
  const client = await startClient(t, one.address);
  await client.hears('hello a');
  await settle(one.clb.modifyWeights(one.balancerId, [{ listenerId: one.listenerId, ...at(backend.port), weight: 0 }]));
  assert.equal(await client.over, 'reset');
  assert.equal(one.clb.fateOf(client.localPort)?.end, 'rescheduled');
});

test('a persisted client still reaches its backend at weight 0 by default', async (t) => {
  const one = await startOneListener(t, {}, { sessionExpireSeconds: 30 });
  const [first, other] = [await startBackend(t, 'first'), await startBackend(t, 'other')];
  await bindAlive(one, first.port);
  const before = await startClient(t, one.address);
  await before.hears('hello first');
  await bindAlive(one, other.port);
  const drained = [{ listenerId: one.listenerId, ...at(first.port), weight: 0 }];
  await settle(one.clb.modifyWeights(one.balancerId, drained));
  const client = await startClient(t, one.address);
  await client.hears('hello first');
  await settle(one.clb.modifyListener(one.balancerId, one.listenerId, { persistAtZeroWeight: false }));
  const later = await startClient(t, one.address);
  await later.hears('hello other');
});

test('connections and probes go where the route says, while the cloud shows the backend address', async (t) => {
  const one = await startOneListener(t);
  const backend = await startBackend(t, 'routed');
  const dial = { host: '127.0.0.1', port: backend.port };
  const target = { listenerId: one.listenerId, address: '10.10.2.28', port: 80, dial };
  await settle(one.clb.bindTargets(one.balancerId, [target]));
  const client = await startClient(t, one.address);
  await client.hears('hello routed');
  assert.deepEqual(one.clb.backendOf(client.localPort), { address: '10.10.2.28', port: 80 });
  await until(() => one.clb.balancer(one.balancerId)?.listeners.get(one.listenerId)?.targets[0]?.health === 'alive');
});

test('a port that cannot be bound at the VIP is served on 127.0.0.1', async (t) => {
  const clb = startTestClb(t, { vipPrefix: '203.0.113' });
  const { balancerId, vip } = await settle(clb.createBalancer());
  await settle(clb.createListeners(balancerId, [{ protocol: 'TCP', port: 80 }]));
  assert.equal(vip, '203.0.113.1');
  assert.equal(clb.addressOf(balancerId, 80)?.host, '127.0.0.1');
  assert.notEqual(clb.addressOf(balancerId, 80)?.port, 80);
});

test('the log of fates forgets the oldest', async (t) => {
  const one = await startOneListener(t, { keptFates: 2 });
  const ports: number[] = [];
  for (let i = 0; i < 3; i += 1) {
    const client = await startClient(t, one.address);
    await client.over;
    ports.push(client.localPort);
  }
  assert.deepEqual(
    ports.map((port) => one.clb.fateOf(port)?.end),
    [undefined, 'no-backend', 'no-backend'],
  );
});

test('connections are metered from dial to end, and probes are not', async (t) => {
  let nowMs = 1_000_000;
  const one = await startOneListener(t, { now: () => nowMs });
  const backend = await startBackend(t, 'a');
  await bindAlive(one, backend.port);
  const client = await startClient(t, one.address);
  await client.hears('hello a');
  const [metered] = [...one.clb.meteredBackends];
  nowMs += 1000;
  assert.deepEqual(
    metered?.meter.samples(nowMs).map((sample) => [sample.conNum, sample.newConn]),
    [[1, 1]],
  );
  client.socket.end();
  await client.over;
  await until(() => one.clb.fateOf(client.localPort) !== undefined);
  nowMs += 2000;
  assert.deepEqual(
    metered?.meter.samples(nowMs).map((sample) => sample.conNum),
    [1, 1, 0],
  );
});

test('a connection without traffic is reset after the idle time of its listener', async (t) => {
  const one = await startOneListener(t, {}, { idleTimeoutSeconds: 0.05 });
  const backend = await startBackend(t, 'a');
  await bindAlive(one, backend.port);
  const client = await startClient(t, one.address);
  await client.hears('hello a');
  assert.equal(await client.over, 'reset');
  assert.equal(one.clb.fateOf(client.localPort)?.end, 'idle-timeout');
});
