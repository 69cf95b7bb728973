import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { startHttpClients } from '../../../sandbox/experiments/clients/http-clients.ts';
import { parseFortio, parseWrk } from '../../../sandbox/experiments/clients/judge.ts';
import { startSessionClients } from '../../../sandbox/experiments/clients/session-clients.ts';
import { openPodServer } from '../../../sandbox/kubelet/server/pod-server.ts';
import { until } from '../kubelet/harness.ts';

async function serve(t: TestContext, handler: (request: IncomingMessage, response: ServerResponse) => void) {
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
}

const answer = (response: ServerResponse, status: number) =>
  response.writeHead(status, { 'content-length': 2 }).end('ok');

for (const keepAlive of [false, true])
  test(`requests follow each other on ${keepAlive ? 'one connection' : 'connections of their own'}, and none answers for the next`, async (t) => {
    const door = await serve(t, (_, response) => void answer(response, 200));
    const clients = startHttpClients(door, { kind: 'http', clients: 2, pauseMs: 0, path: '/', keepAlive });
    await until(() => clients.sent.length >= 60);
    await clients.stop();
    assert.deepEqual(
      clients.sent.filter(({ cause }) => cause !== undefined),
      [],
    );
  });

test('an error that is answered is lost and not asked for again; a reset before the answer is', async (t) => {
  let seen = 0;
  const bad = await serve(t, (_, response) => void answer(response, 502));
  const plan = { kind: 'http', clients: 1, pauseMs: 1, path: '/', tries: 3 } as const;
  const refused = startHttpClients(bad, plan);
  await until(() => refused.sent.length >= 3);
  await refused.stop();
  assert.ok(refused.sent.every(({ cause }) => cause === 'answered 502'));
  assert.equal(refused.failedTries(), refused.sent.length);
  // Every second request is reset: the next try succeeds, and no client is lost.
  const shaky = await serve(t, (request, response) => {
    seen += 1;
    if (seen % 2 === 1) request.socket.resetAndDestroy();
    else answer(response, 200);
  });
  const patient = startHttpClients(shaky, plan);
  await until(() => patient.sent.length >= 5);
  await patient.stop();
  assert.ok(patient.sent.every(({ cause }) => cause === undefined));
  assert.ok(patient.failedTries() >= 5);
  seen = 0;
  const once = startHttpClients(shaky, { ...plan, tries: 1 });
  await until(() => once.sent.length >= 4);
  await once.stop();
  assert.match(once.sent[0]?.cause ?? '', /^reset/);
});

async function pod() {
  const server = await openPodServer({
    address: '127.0.0.1',
    ports: [1],
    identity: { pod: 'p', image: 'i', revision: '' },
    ready: () => true,
    log: () => undefined,
  });
  const [host = '', port = ''] = (server.hostPorts['1'] ?? '127.0.0.1:1').split(':');
  return { server, door: { host, port: Number(port) } };
}

test('a session that the server cuts counts as cut, and one that its client leaves does not', async () => {
  const { server, door } = await pod();
  const leaving = startSessionClients(door, { kind: 'session', clients: 2, lastsMs: 200, moves: false });
  await until(() => leaving.counts().sessions >= 4);
  await leaving.stop();
  assert.equal(leaving.counts().cut, 0);
  const staying = startSessionClients(door, { kind: 'session', clients: 2, lastsMs: 60_000, moves: false });
  await until(() => staying.counts().sessions === 2);
  server.kill();
  await until(() => staying.counts().cut === 2);
  await staying.stop();
});

test('a client that is asked to move opens its next session first, and nothing is cut', async () => {
  const { server, door } = await pod();
  const moving = startSessionClients(door, { kind: 'session', clients: 1, lastsMs: 60_000, moves: true });
  await until(() => moving.counts().sessions === 1);
  void server.shutDown();
  await until(() => moving.counts().moved === 1);
  await until(() => server.connections() === 0);
  await moving.stop();
  assert.equal(moving.counts().cut, 0);
});

test('a client of HTTP/2 leaves its connection at GOAWAY: what is open finishes, and what was not accepted may be tried again', async (t) => {
  const { server, door } = await pod();
  const plan = { kind: 'http', clients: 1, pauseMs: 1, path: '/?ms=40', http2: true } as const;
  const clients = startHttpClients(door, plan);
  t.after(() => clients.stop());
  t.after(() => server.kill());
  await until(() => clients.sent.length >= 3);
  await server.shutDown();
  // The port is closed: from now on every request fails, and none of those that were open did.
  await until(() => clients.sent.some(({ cause }) => cause !== undefined));
  const before = clients.sent.findIndex(({ cause }) => cause !== undefined);
  assert.ok(before >= 3);
  assert.match(clients.sent[before]?.cause ?? '', /ECONNREFUSED|ERR_HTTP2_|connection ended/);
});

test('the judges are believed by their own words: socket errors, answers that are no success, and fortio’s codes', () => {
  const wrk = [
    '  8969 requests in 28.24s, 2.40MB read',
    '  Socket errors: connect 1, read 3, write 0, timeout 0',
    '  Non-2xx or 3xx responses: 366',
  ];
  assert.deepEqual(parseWrk(wrk.join('\n')), { requests: 8973, lost: 370 });
  assert.deepEqual(parseWrk(wrk[0] ?? ''), { requests: 8969, lost: 0 });
  assert.deepEqual(parseFortio('{"RetCodes": {"200": 90, "502": 8, "-1": 2}}'), { requests: 100, lost: 10 });
});
