/** A client while the API server is away, on real connections and a clock that jumps. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { connect, createServer as createPlainServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { ConnectionError, StatusError } from '../../../lib/core/errors.ts';
import { PODS, SERVICES } from '../../../lib/ports/resources.ts';
import type { Kube } from '../../../lib/ports.ts';
import { watchWrites } from '../../../lib/recording/write-watch.ts';
import { type Answer, reply, startApiServer, statusBody } from '../fixtures/api-server.ts';
import { connected, temporaryFolder } from '../fixtures/connected.ts';
import { testAuthority } from '../fixtures/pki.ts';

const POD = { kind: 'Pod', metadata: { name: 'web-0', uid: 'u-1' } };
const PATIENCE_MS = 30_000;

/** Sleeping moves this clock on; `meanwhile` gets the time after each sleep. */
function jumpingClock(meanwhile: (elapsedMs: number) => void = () => undefined) {
  let elapsedMs = 0;
  const slept: number[] = [];
  const told: string[] = [];
  return {
    slept,
    told,
    options: {
      patienceMs: PATIENCE_MS,
      random: () => 1,
      now: () => Date.UTC(2026, 10, 21, 5, 30, 40) + elapsedMs,
      tell: (line: string) => void told.push(line.replace(/127\.0\.0\.1:\d+/, 'HOST').replace(/\d\d:\d\d:/, 'HH:MM:')),
      sleep: async (ms: number, signal?: AbortSignal) => {
        signal?.throwIfAborted();
        slept.push(ms);
        elapsedMs += ms;
        meanwhile(elapsedMs);
      },
    },
  };
}

/** Answers the first `times` requests with `trouble`, and then with `answer`. */
function atFirst(
  times: number,
  trouble: Answer,
  answer: Answer = (_request, response) => reply(response, POD),
): Answer {
  let asked = 0;
  return (request, response) => {
    asked += 1;
    return (asked <= times ? trouble : answer)(request, response);
  };
}

const cut: Answer = (_request, response) => response.destroy();
const gateway =
  (status: number): Answer =>
  (_request, response) =>
    response.writeHead(status, { 'Content-Type': 'text/html' }).end('<h1>Bad Gateway</h1>');

/** A port that refuses connections until `listen` is called. */
async function closedPort(): Promise<number> {
  const server = createPlainServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test('a read is tried again with growing pauses while connections are reset, and reported once', async () => {
  const clock = jumpingClock();
  await using server = await startApiServer({ answer: atFirst(5, cut) });
  await using client = await connected(server, clock.options);
  assert.deepEqual(await client.kube.get(PODS, 'web-0'), POD);
  assert.deepEqual(clock.slept, [500, 1000, 2000, 4000, 5000]);
  assert.deepEqual(clock.told, ['API server at HOST does not answer (connection reset); trying again until HH:MM:10']);
});

for (const status of [502, 503, 504]) {
  test(`a read is tried again when a gateway answers ${status}`, async () => {
    const clock = jumpingClock();
    await using server = await startApiServer({ answer: atFirst(2, gateway(status)) });
    await using client = await connected(server, clock.options);
    assert.deepEqual(await client.kube.get(PODS, 'web-0'), POD);
    assert.match(clock.told.join(), new RegExp(`does not answer \\(${status} `));
  });
}

test('an answer that is cut in the middle of its body is read again from its beginning', async () => {
  const clock = jumpingClock();
  const half: Answer = (_request, response) => {
    response.writeHead(200, { 'Content-Length': '1000' });
    response.write('{"half":', () => response.destroy());
  };
  await using server = await startApiServer({ answer: atFirst(1, half) });
  await using client = await connected(server, clock.options);
  assert.deepEqual(await client.kube.get(PODS, 'web-0'), POD);
});

test('a server that refuses connections is given up after the time, with how long it was tried', async () => {
  const clock = jumpingClock();
  const port = await closedPort();
  await using server = await startApiServer();
  await using client = await connected(server, { ...clock.options, cluster: { server: `https://127.0.0.1:${port}` } });
  await assert.rejects(client.kube.get(PODS, 'web-0'), (error) => {
    assert.ok(error instanceof ConnectionError && error.retryable);
    assert.match(error.message, /was refused - did you specify the right host or port\?$/);
    assert.equal(error.hint, 'tried again for 30s; --request-timeout sets how long');
    return true;
  });
  assert.ok(clock.slept.reduce((sum, ms) => sum + ms, 0) < PATIENCE_MS);
  assert.deepEqual(clock.told, [
    'API server at HOST does not answer (connection refused); trying again until HH:MM:10',
  ]);
});

test('--request-timeout sets how long it is tried again', async () => {
  const clock = jumpingClock();
  const port = await closedPort();
  await using server = await startApiServer();
  await using client = await connected(server, {
    ...clock.options,
    flags: { requestTimeoutMs: 3_000 },
    cluster: { server: `https://127.0.0.1:${port}` },
  });
  await assert.rejects(client.kube.get(PODS, 'web-0'), { hint: /^tried again for 3s;/ });
  assert.deepEqual(clock.slept, [500, 1000]);
});

test('reads at the same time report one outage, and a later outage is reported again', async () => {
  const clock = jumpingClock();
  await using server = await startApiServer({ answer: atFirst(3, cut) });
  await using client = await connected(server, clock.options);
  await Promise.all([1, 2, 3].map(() => client.kube.get(PODS, 'web-0')));
  assert.equal(clock.told.length, 1);
  server.answer = atFirst(1, gateway(503));
  await client.kube.get(PODS, 'web-0');
  assert.equal(clock.told.length, 2);
});

test('a write that never left is sent once the server listens, with or without a precondition', async () => {
  const port = await closedPort();
  const authority = await testAuthority();
  await using server = await startApiServer({ authority });
  let front: ReturnType<typeof createPlainServer> | undefined;
  const clock = jumpingClock(() => {
    // The address comes to life: it passes every byte on to the API server.
    front ??= createPlainServer((socket) => forward(socket, Number(new URL(server.url).port))).listen(
      port,
      '127.0.0.1',
    );
  });
  await using client = await connected(server, { ...clock.options, cluster: { server: `https://127.0.0.1:${port}` } });
  try {
    await client.kube.create(PODS, { metadata: { name: 'web-0' } });
    assert.deepEqual(
      server.received.map(({ method }) => method),
      ['POST'],
    );
    assert.match(clock.told.join(), /connection refused/);
  } finally {
    await client.kube.close();
    await new Promise((resolve) => front?.close(resolve));
  }
});

test('a TLS handshake that is cut is tried again, for a write too: nothing was sent yet', async () => {
  await using server = await startApiServer();
  let connections = 0;
  const front = createPlainServer((socket) => {
    connections += 1;
    if (connections === 1) socket.once('data', () => socket.destroy());
    else forward(socket, Number(new URL(server.url).port));
  });
  await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
  const { port } = front.address() as { port: number };
  const clock = jumpingClock();
  await using client = await connected(server, { ...clock.options, cluster: { server: `https://127.0.0.1:${port}` } });
  try {
    await client.kube.create(PODS, { metadata: { name: 'web-0' } });
    assert.deepEqual([server.received.length, clock.slept.length], [1, 1]);
  } finally {
    await client.kube.close();
    await new Promise((resolve) => front.close(resolve));
  }
});

test('a write without a precondition is not sent again once it may have been taken', async () => {
  const clock = jumpingClock();
  await using server = await startApiServer({ answer: cut });
  await using client = await connected(server, clock.options);
  await assert.rejects(client.kube.create(PODS, { metadata: { name: 'web-0' } }), ConnectionError);
  await assert.rejects(client.kube.patch(PODS, 'web-0', { metadata: { labels: { a: 'b' } } }, { type: 'merge' }));
  await assert.rejects(client.kube.delete(PODS, 'web-0', { uid: undefined }), ConnectionError);
  server.answer = gateway(502);
  await assert.rejects(client.kube.create(PODS, { metadata: { name: 'web-0' } }), { httpStatus: 502 });
  assert.deepEqual([server.received.length, clock.slept], [4, []]);
});

const EVICTION = { metadata: { name: 'web-0' }, deleteOptions: { preconditions: { uid: 'u-1' } } };
const VERSIONED = { metadata: { resourceVersion: '7', annotations: { weight: '0', former: null } } };
const conflict: Answer = (_request, response) =>
  reply(response, statusBody(409, 'Conflict', 'the object has been modified'), 409);

test('a patch with a resourceVersion that was taken before the cut is found done, and not done twice', async () => {
  const clock = jumpingClock();
  const written = { metadata: { name: 'web', resourceVersion: '8', annotations: { weight: '0', other: 'kept' } } };
  await using server = await startApiServer({
    answer: atFirst(1, cut, (request, response) =>
      request.method === 'GET' ? reply(response, written) : conflict(request, response),
    ),
  });
  await using client = await connected(server, clock.options);
  assert.deepEqual(await client.kube.patch(SERVICES, 'web', VERSIONED, { type: 'merge' }), written);
  assert.deepEqual(
    server.received.map(({ method }) => method),
    ['PATCH', 'PATCH', 'GET'],
  );
});

test('a patch sent again that meets the change of another writer is a conflict', async () => {
  const clock = jumpingClock();
  const theirs = { metadata: { name: 'web', resourceVersion: '8', annotations: { weight: '5' } } };
  await using server = await startApiServer({
    answer: atFirst(1, cut, (request, response) =>
      request.method === 'GET' ? reply(response, theirs) : conflict(request, response),
    ),
  });
  await using client = await connected(server, clock.options);
  await assert.rejects(client.kube.patch(SERVICES, 'web', VERSIONED, { type: 'merge' }), { httpStatus: 409 });
});

test('a patch sent again that may not be looked up is the conflict that it met, to be planned anew', async () => {
  const forbidden: Answer = (_request, response) =>
    reply(response, statusBody(403, 'Forbidden', 'services "web" is forbidden'), 403);
  await using server = await startApiServer({
    answer: atFirst(1, cut, (request, response) =>
      request.method === 'GET' ? forbidden(request, response) : conflict(request, response),
    ),
  });
  await using client = await connected(server, jumpingClock().options);
  const { kube, wrote } = watchWrites(client.kube);
  await assert.rejects(kube.patch(SERVICES, 'web', VERSIONED, { type: 'merge' }), { httpStatus: 409 });
  assert.equal(wrote(), true, 'the first sending may have been taken');
});

test('a conflict at the first sending is a conflict, without a look', async () => {
  await using server = await startApiServer({ answer: conflict });
  await using client = await connected(server, jumpingClock().options);
  await assert.rejects(client.kube.patch(SERVICES, 'web', VERSIONED, { type: 'merge' }), { httpStatus: 409 });
  await assert.rejects(client.kube.delete(PODS, 'web-0', { uid: 'u-1' }), { httpStatus: 409 });
  assert.equal(server.received.length, 2);
});

for (const [status, reason] of [
  [404, 'NotFound'],
  [409, 'Conflict'],
] as const) {
  test(`a pod that is deleted by uid, with the answer lost, counts as deleted when the second request says ${status}`, async () => {
    const gone: Answer = (_request, response) => reply(response, statusBody(status, reason, 'gone'), status);
    await using server = await startApiServer({ answer: atFirst(1, cut, gone) });
    await using client = await connected(server, jumpingClock().options);
    await client.kube.delete(PODS, 'web-0', { uid: 'u-1' });
    server.answer = atFirst(1, cut, gone);
    await client.kube.create(PODS, EVICTION, { name: 'web-0', subresource: 'eviction' });
    assert.equal(server.received.length, 4);
    assert.match(server.received[1]?.body ?? '', /"preconditions":\{"uid":"u-1"\}/);
  });
}

const askedToWait: Answer = (_request, response) =>
  reply(response, statusBody(429, 'TooManyRequests', 'slow down'), 429, { 'Retry-After': '1' });
for (const [what, write] of [
  ['a deletion', (kube, more) => kube.delete(PODS, 'web-0', { uid: 'u-1', ...more })],
  ['an eviction', (kube, more) => kube.create(PODS, EVICTION, { name: 'web-0', subresource: 'eviction', ...more })],
  ['a patch', (kube, more) => kube.patch(SERVICES, 'web', VERSIONED, { type: 'merge', ...more })],
] as [string, (kube: Kube, more: { beforeSend: (again: boolean) => Promise<void> }) => Promise<unknown>][]) {
  test(`${what} is not sent again once what it asks for is no longer wanted`, async () => {
    for (const trouble of what === 'an eviction' ? [cut] : [cut, askedToWait]) {
      await using server = await startApiServer({ answer: trouble });
      await using client = await connected(server, jumpingClock().options);
      const asked: boolean[] = [];
      const beforeSend = async (again: boolean) => {
        asked.push(again);
        if (asked.length === 3) throw new Error('the pod has weight again');
      };
      await assert.rejects(write(client.kube, { beforeSend }), /^Error: the pod has weight again$/);
      assert.equal(server.received.length, 2);
      assert.deepEqual(asked, [false, true, true]);
    }
  });
}

test('a request that is answered at once is asked about once, before it is sent', async () => {
  await using server = await startApiServer({ answer: atFirst(0, cut) });
  await using client = await connected(server, jumpingClock().options);
  const asked: [boolean, number][] = [];
  const beforeSend = async (again: boolean) => void asked.push([again, server.received.length]);
  await client.kube.delete(PODS, 'web-0', { uid: 'u-1', beforeSend });
  assert.deepEqual(asked, [[false, 0]]);
});

test('a deletion refused with 401 is asked about after the new credentials, not before them', async () => {
  await using folder = await temporaryFolder();
  const tokenFile = join(folder.path, 'token');
  await writeFile(tokenFile, 'first');
  const unauthorized: Answer = async (_request, response) => {
    await writeFile(tokenFile, 'second');
    reply(response, statusBody(401, 'Unauthorized', 'expired'), 401);
  };
  await using server = await startApiServer({ answer: atFirst(1, unauthorized) });
  await using client = await connected(server, { ...jumpingClock().options, user: { tokenFile } });
  const asked: boolean[] = [];
  const beforeSend = async (again: boolean) => {
    asked.push(again);
    if (again) await writeFile(tokenFile, 'of after the look');
  };
  await client.kube.delete(PODS, 'web-0', { uid: 'u-1', beforeSend });
  assert.deepEqual(asked, [false, true]);
  assert.deepEqual(
    server.received.map(({ headers }) => headers.authorization),
    ['Bearer first', 'Bearer second'],
  );
});

test('an unreachable server, met by the look before a deletion, does not make the deletion try again', async () => {
  await using server = await startApiServer();
  await using client = await connected(server, jumpingClock().options);
  const unreachable = new ConnectionError('connection refused', { retryable: true });
  const beforeSend = () => Promise.reject(unreachable);
  await assert.rejects(client.kube.delete(PODS, 'web-0', { uid: 'u-1', beforeSend }), (error) => error === unreachable);
  assert.equal(server.received.length, 0);
});

test('a permanent error fails at once: 401, 403, 404, 500, and a certificate for another name', async () => {
  const clock = jumpingClock();
  await using server = await startApiServer();
  await using client = await connected(server, clock.options);
  for (const [code, reason] of [
    [401, 'Unauthorized'],
    [403, 'Forbidden'],
    [404, 'NotFound'],
    [500, 'InternalError'],
  ] as const) {
    server.answer = (_request, response) => reply(response, statusBody(code, reason, 'no'), code);
    await assert.rejects(client.kube.get(PODS, 'web-0'), StatusError);
  }
  const { authority } = server;
  await using elsewhere = await startApiServer({ authority, certificate: await authority.server(['example.com']) });
  await using stranger = await connected(elsewhere, clock.options);
  await assert.rejects(stranger.kube.get(PODS, 'web-0'), /x509: cannot validate certificate for/);
  await using wrongCa = await connected({ ...server, authority: await testAuthority('other') }, clock.options);
  await assert.rejects(wrongCa.kube.get(PODS, 'web-0'), /unknown authority/);
  assert.deepEqual([clock.slept, clock.told], [[], []]);
});

test('Ctrl-C ends the waiting at once, with its own reason', async () => {
  const reason = new Error('stop');
  const abort = new AbortController();
  const clock = jumpingClock(() => abort.abort(reason));
  await using server = await startApiServer({ answer: cut });
  await using client = await connected(server, clock.options);
  await assert.rejects(client.kube.get(PODS, 'web-0', { signal: abort.signal }), reason);
  assert.equal(server.received.length, 1);
});

test('a watch that cannot be opened is tried again, and the text of a pod is not: a measurement belongs to its moment', async () => {
  const clock = jumpingClock();
  const bookmark = { type: 'BOOKMARK', object: { metadata: { name: '', resourceVersion: '9' } } };
  await using server = await startApiServer({
    answer: atFirst(2, gateway(503), (_request, response) => response.end(`${JSON.stringify(bookmark)}\n`)),
  });
  await using client = await connected(server, clock.options);
  const events = await Array.fromAsync(client.kube.watch(PODS, {}));
  assert.deepEqual(events, [bookmark]);
  server.answer = cut;
  await assert.rejects(client.kube.getText('/api/v1/namespaces/shop/pods/web-0:80/proxy/metrics'), ConnectionError);
  assert.equal(clock.slept.length, 2);
});

test('a long wait that the server itself asks for is reported', async () => {
  const clock = jumpingClock();
  const busy: Answer = (_request, response) =>
    reply(response, statusBody(429, 'TooManyRequests', 'slow down'), 429, { 'Retry-After': '10' });
  await using server = await startApiServer({ answer: atFirst(1, busy) });
  await using client = await connected(server, clock.options);
  await client.kube.patch(PODS, 'web-0', {}, { type: 'merge' });
  assert.deepEqual(clock.told, ['API server at HOST asks to come back in 10s (429); waiting']);
});

function forward(socket: Socket, port: number): void {
  const onward = connect(port, '127.0.0.1');
  socket.pipe(onward).pipe(socket);
  for (const end of [socket, onward]) {
    end.on('error', () => undefined);
    end.on('close', () => {
      socket.destroy();
      onward.destroy();
    });
  }
}
