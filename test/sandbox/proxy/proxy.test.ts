import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { ENDPOINTS } from '../../../lib/ports/resources.ts';
import type { KubeObject } from '../../../lib/ports.ts';
import {
  consecutiveShare,
  cycleShare,
  expectedShares,
  isWithin,
  mixedShare,
} from '../../../sandbox/proxy/retry-share.ts';
import { type ProxyOptions, startProxy } from '../../../sandbox/proxy/start-proxy.ts';
import { FakeKube } from '../../fakes/api/kube.ts';
import { eventually } from '../../fakes/eventually.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

async function serve(t: TestContext, handler: Handler): Promise<{ server: Server; port: number }> {
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  return { server, port: (server.address() as AddressInfo).port };
}

/** A port of 127.0.0.1 on which no program listens. */
async function deadPort(t: TestContext): Promise<number> {
  const { server, port } = await serve(t, () => undefined);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const endpoints = (ports: readonly number[]): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Endpoints',
  metadata: { name: 'web', namespace: 'default' },
  subsets: ports.map((port) => ({ addresses: [{ ip: '127.0.0.1' }], ports: [{ port }] })),
});

async function proxy(t: TestContext, ports: readonly number[], options: Partial<ProxyOptions> = {}) {
  const kube = new FakeKube([endpoints(ports)]);
  const started = await startProxy(kube, { service: 'web', ...options });
  t.after(() => started.stop());
  await eventually(() => assert.equal(started.upstreams().length, ports.length));
  return { kube, proxy: started };
}

function ask(
  { host, port }: { host: string; port: number },
  method = 'GET',
): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const sent = request({ host, port, method, agent: false }, (answer) => {
      let body = '';
      answer.on('data', (bytes: Buffer) => {
        body += bytes;
      });
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body }));
      answer.on('error', reject);
    });
    sent.on('error', reject);
    sent.end();
  });
}

/** A connection whose SYN is never answered. */
const neverConnects = (): Socket => {
  const silent = new Duplex({ read: () => undefined, write: () => undefined });
  const quiet = () => silent;
  return Object.assign(silent, { setTimeout: quiet, setNoDelay: quiet, setKeepAlive: quiet }) as unknown as Socket;
};

const ok =
  (name: string): Handler =>
  (_, response) =>
    void response.end(name);

test('requests go round the upstreams, and a dead one costs a try and no request', async (t) => {
  const [a, b, dead] = [await serve(t, ok('a')), await serve(t, ok('b')), await deadPort(t)];
  const { proxy: door } = await proxy(t, [a.port, dead, b.port]);
  const bodies = [];
  for (let i = 0; i < 4; i += 1) bodies.push((await ask(door.address)).body);
  assert.deepEqual(bodies, ['a', 'b', 'a', 'b']);
  assert.equal(door.counts().failedTries, 2);
  assert.deepEqual(door.counts().byStatus, { 200: 4 });
});

test('with three dead of four and three tries, one client loses every second request, as the formula has it in the long run', async (t) => {
  const alive = await serve(t, ok('a'));
  const dead = [await deadPort(t), await deadPort(t), await deadPort(t)];
  const { proxy: door } = await proxy(t, [...dead, alive.port]);
  let lost = 0;
  for (let i = 0; i < 40; i += 1) if ((await ask(door.address)).status === 502) lost += 1;
  assert.equal(consecutiveShare({ upstreams: 4, dead: 3, tries: 3 }), 1 / 4);
  // A request that begins anywhere loses one time in four; this counter goes on with each try, and loses every second.
  assert.equal(lost, 40 * cycleShare({ upstreams: 4, dead: 3, tries: 3 }));
});

test('one try is no retry; an upstream that is silent is a 504, and one that cannot be reached in time too', async (t) => {
  const dead = await deadPort(t);
  const once = await proxy(t, [dead], { tries: 1 });
  assert.equal((await ask(once.proxy.address)).status, 502);
  assert.equal(once.proxy.counts().failedTries, 1);
  const silent = await serve(t, () => undefined);
  const slow = await proxy(t, [silent.port], { readTimeoutMs: 30, tries: 2 });
  assert.equal((await ask(slow.proxy.address)).status, 504);
  assert.equal(slow.proxy.counts().failedTries, 2);
  const far = await proxy(t, [dead], { connectTimeoutMs: 20, tries: 1, dial: neverConnects });
  assert.equal((await ask(far.proxy.address)).status, 504);
  silent.server.closeAllConnections();
});

test('no upstream at all is a 503, and one that appears is used after the lag', async (t) => {
  const a = await serve(t, ok('a'));
  const { kube, proxy: door } = await proxy(t, []);
  assert.equal((await ask(door.address)).status, 503);
  kube.edit(ENDPOINTS, 'web', (object) => {
    object['subsets'] = endpoints([a.port])['subsets'];
  });
  await eventually(() => assert.equal(door.upstreams().length, 1));
  assert.equal((await ask(door.address)).status, 200);
});

test('a POST that an upstream has seen is not sent again, and an answer that has begun is not begun anew', async (t) => {
  let seen = 0;
  const resets = await serve(t, (incoming) => {
    seen += 1;
    incoming.socket.resetAndDestroy();
  });
  const { proxy: door } = await proxy(t, [resets.port]);
  assert.equal((await ask(door.address, 'POST')).status, 502);
  assert.equal(seen, 1);
  assert.equal((await ask(door.address)).status, 502);
  assert.equal(seen, 4);
  const cuts = await serve(t, (incoming, response) => {
    response.write('begun');
    setTimeout(() => incoming.socket.resetAndDestroy(), 20);
  });
  const half = await proxy(t, [cuts.port]);
  await assert.rejects(ask(half.proxy.address));
  assert.equal(half.proxy.counts().failedTries, 0);
});

test('the formula gives the article’s three cases, and its bounds hold for all', () => {
  assert.equal(consecutiveShare({ upstreams: 10, dead: 9, tries: 3 }), 7 / 10);
  assert.equal(consecutiveShare({ upstreams: 3, dead: 2, tries: 3 }), 0);
  assert.equal(consecutiveShare({ upstreams: 10, dead: 9, tries: 1 }), 9 / 10);
  assert.equal(cycleShare({ upstreams: 10, dead: 9, tries: 3 }), 3 / 4);
  assert.equal(cycleShare({ upstreams: 3, dead: 2, tries: 3 }), 0);
  assert.deepEqual(expectedShares({ upstreams: 3, dead: 2, tries: 3 }, 1), { least: 0, most: 0 });
  assert.ok(expectedShares({ upstreams: 3, dead: 2, tries: 3 }, 2).most > 0);
  assert.ok(isWithin(72, 100, { least: 0.7, most: 0.75 }) && !isWithin(20, 100, { least: 0.7, most: 0.75 }));
  const facts = fc
    .record({ upstreams: fc.integer({ min: 1, max: 50 }), dead: fc.nat(50), tries: fc.integer({ min: 1, max: 5 }) })
    .map((each) => ({ ...each, dead: Math.min(each.dead, each.upstreams) }));
  fc.assert(
    fc.property(facts, fc.integer({ min: 1, max: 4 }), (each, clients) => {
      const { least, most } = expectedShares(each, clients);
      assert.ok(least >= 0 && least <= most && most <= 1);
      assert.ok(cycleShare(each) <= each.dead / each.upstreams + 1e-9 || each.tries > 1);
      assert.equal(each.dead === 0 ? mixedShare(each) : 0, 0);
    }),
  );
});
