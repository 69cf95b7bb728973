import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as realSleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { ConnectionError, StatusError } from '../../../lib/core/errors.ts';
import { PODS } from '../../../lib/ports/resources.ts';
import { reply, startApiServer, statusBody } from '../fixtures/api-server.ts';
import { connected, TOKEN } from '../fixtures/connected.ts';

const POD = { kind: 'Pod', metadata: { name: 'web-0' } };

test('every request carries token, user agent and the wish for gzip, and a gzip answer is read', async () => {
  await using server = await startApiServer({
    answer: (_request, response) => {
      response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' });
      response.end(gzipSync(JSON.stringify(POD)));
    },
  });
  await using client = await connected(server, { userAgent: 'kubectl-zeroloss/v9 (linux/amd64)' });
  assert.deepEqual(await client.kube.get(PODS, 'web-0'), POD);
  const { headers } = server.received[0]!;
  assert.equal(headers.authorization, `Bearer ${TOKEN}`);
  assert.equal(headers['user-agent'], 'kubectl-zeroloss/v9 (linux/amd64)');
  assert.equal(headers['accept-encoding'], 'gzip');
});

test('a gzip answer that is cut off is a connection error, never a shorter text', async () => {
  await using server = await startApiServer({
    answer: (_request, response) => {
      response.writeHead(200, { 'Content-Encoding': 'gzip' });
      response.end(gzipSync('x'.repeat(5000)).subarray(0, 30));
    },
  });
  await using client = await connected(server);
  await assert.rejects(client.kube.getText('/metrics'), ConnectionError);
});

test('an answer that breaks off before its announced end is a connection error', async () => {
  await using server = await startApiServer({
    answer: (_request, response) => {
      response.writeHead(200, { 'Content-Length': '1000' });
      response.write('{"half":', () => response.destroy());
    },
  });
  await using client = await connected(server);
  await assert.rejects(
    client.kube.getText('/x'),
    /Unable to connect to the server: the connection to .* was reset before/,
  );
});

test('--disable-compression asks for plain answers', async () => {
  await using server = await startApiServer({ answer: (_request, response) => reply(response, POD) });
  await using client = await connected(server, { flags: { disableCompression: true } });
  await client.kube.get(PODS, 'web-0');
  assert.equal(server.received[0]?.headers['accept-encoding'], undefined);
});

test('impersonation: user, uid, each group on a line of its own, extras escaped; flags win over the kubeconfig', async () => {
  await using server = await startApiServer({ answer: (_request, response) => reply(response, POD) });
  const user = { token: TOKEN, as: 'file-user', 'as-groups': ['file-group'], 'as-user-extra': { scope: ['a', 'b'] } };
  await using fromFile = await connected(server, { user });
  await fromFile.kube.get(PODS, 'web-0');
  const flags = {
    as: 'jane',
    asUid: '42',
    asGroup: ['dev', 'ops'],
    asUserExtra: ['example.com/reason=on call', 'n%=1'],
  };
  await using fromFlags = await connected(server, { user, flags });
  await fromFlags.kube.get(PODS, 'web-0');
  const lines = server.received.map((request) => request.lines.filter((line) => line.startsWith('Impersonate')));
  assert.deepEqual(lines, [
    [
      'Impersonate-User: file-user',
      'Impersonate-Group: file-group',
      'Impersonate-Extra-scope: a',
      'Impersonate-Extra-scope: b',
    ],
    [
      'Impersonate-User: jane',
      'Impersonate-Uid: 42',
      'Impersonate-Group: dev',
      'Impersonate-Group: ops',
      'Impersonate-Extra-example.com%2Freason: on call',
      'Impersonate-Extra-n%25: 1',
    ],
  ]);
});

test('impersonated names go as UTF-8, and warnings come as UTF-8, as the API server reads and writes them', async () => {
  const utf8 = (text: string) => Buffer.from(text).toString('latin1');
  await using server = await startApiServer({
    answer: (_request, response) => {
      response.setHeader('Warning', [`299 - "${utf8('spec.x 已废弃')}"`, '299 - "caf\u00e9"']);
      reply(response, POD);
    },
  });
  const flags = { as: '张三', asUid: '七', asGroup: ['开发'], asUserExtra: ['reason=值班'] };
  await using client = await connected(server, { flags });
  await client.kube.get(PODS, 'web-0');
  assert.deepEqual(
    server.received[0]?.lines.filter((line) => line.startsWith('Impersonate')),
    ['User: 张三', 'Uid: 七', 'Group: 开发', 'Extra-reason: 值班'].map((line) => utf8(`Impersonate-${line}`)),
  );
  assert.deepEqual(client.warnings, ['spec.x 已废弃', 'café']);
  assert.ok(client.traces.some((line) => line.includes('Impersonate-User: 张三')));
});

for (const [what, options, header] of [
  ['a token with a line break', { user: { token: 'a\nb' } }, 'Authorization'],
  ['a token with a character beyond latin', { flags: { token: '令牌' } }, 'Authorization'],
  ['an impersonated name with a line break', { flags: { as: 'jane\r\nX: y' } }, 'Impersonate-User'],
] as const) {
  test(`${what} is refused in Go's words before anything is sent, and not shown`, async () => {
    await using server = await startApiServer();
    await using client = await connected(server, options);
    for (const call of [client.kube.get(PODS, 'web-0'), client.kube.exec('web-0', 'main', ['true'])]) {
      await assert.rejects(call, (error) => {
        assert.ok(error instanceof ConnectionError);
        assert.equal(
          error.message,
          `Unable to connect to the server: net/http: invalid header field value for "${header}"`,
        );
        assert.match(error.hint ?? '', /line break/);
        return true;
      });
    }
    assert.equal(server.connections(), 0);
  });
}

test('429 and 5xx are waited out when the server names a time, writes too, and the time is its', async () => {
  let answers = 0;
  await using server = await startApiServer({
    answer: (_request, response) => {
      answers += 1;
      if (answers > 3) return reply(response, POD);
      const code = answers === 1 ? 503 : 429;
      return reply(response, statusBody(code, 'TooManyRequests', 'slow down'), code, {
        'Retry-After': String(answers),
      });
    },
  });
  const slept: number[] = [];
  await using client = await connected(server, { sleep: async (ms) => void slept.push(ms) });
  await client.kube.patch(PODS, 'web-0', {}, { type: 'merge' });
  assert.deepEqual(slept, [1000, 2000, 3000]);
});

test('a server that always says 429 is asked eleven times and then believed', async () => {
  await using server = await startApiServer({
    answer: (_request, response) =>
      reply(response, statusBody(429, 'TooManyRequests', 'slow down'), 429, { 'Retry-After': '1' }),
  });
  await using client = await connected(server);
  await assert.rejects(client.kube.get(PODS, 'web-0'), { httpStatus: 429 });
  assert.equal(server.received.length, 11);
});

test('429 and 5xx without a time, and a disruption budget that refuses an eviction, are answers and not repeated', async () => {
  let headers: Record<string, string> = {};
  await using server = await startApiServer({
    answer: (_request, response) => reply(response, statusBody(429, 'TooManyRequests', 'budget'), 429, headers),
  });
  await using client = await connected(server);
  await assert.rejects(client.kube.get(PODS, 'web-0'), { httpStatus: 429 });
  headers = { 'Retry-After': '10' };
  await assert.rejects(client.kube.create(PODS, {}, { name: 'web-0', subresource: 'eviction' }), { httpStatus: 429 });
  assert.equal(server.received.length, 2);
});

test('a read is repeated when a kept-alive connection turns out dead, a write is not', async () => {
  let kill = false;
  await using server = await startApiServer({
    answer: (request, response) => {
      if (!kill) return reply(response, POD);
      kill = false;
      void request;
      return response.destroy();
    },
  });
  await using client = await connected(server);
  await client.kube.get(PODS, 'web-0');
  kill = true;
  assert.deepEqual(await client.kube.get(PODS, 'web-0'), POD);
  kill = true;
  await assert.rejects(client.kube.patch(PODS, 'web-0', {}, { type: 'merge' }), ConnectionError);
  assert.equal(server.received.length, 4);
});

test('server warnings are passed on once each', async () => {
  await using server = await startApiServer({
    answer: (_request, response) => {
      response.setHeader('Warning', ['299 - "spec.x is deprecated, use \\"y\\""', '299 - "second"']);
      reply(response, POD);
    },
  });
  await using client = await connected(server);
  await client.kube.get(PODS, 'web-0');
  await client.kube.get(PODS, 'web-0');
  assert.deepEqual(client.warnings, ['spec.x is deprecated, use "y"', 'second']);
});

test('an aborted signal ends a request in flight, and one that waits, with the reason given', async () => {
  const reason = new Error('stop');
  const inFlight = new AbortController();
  await using server = await startApiServer({ answer: () => inFlight.abort(reason) });
  await using client = await connected(server);
  await assert.rejects(client.kube.get(PODS, 'web-0', { signal: inFlight.signal }), reason);
  await assert.rejects(client.kube.get(PODS, 'web-0', { signal: inFlight.signal }), reason);
  assert.equal(server.received.length, 1);
});

test('an aborted signal ends the wait for a busy server, with the reason given', async () => {
  const reason = new Error('stop');
  const abort = new AbortController();
  await using server = await startApiServer({
    answer: (_request, response) =>
      reply(response, statusBody(429, 'TooManyRequests', 'slow down'), 429, { 'Retry-After': '600' }),
  });
  await using client = await connected(server, {
    sleep: (ms, signal) => {
      setImmediate(() => abort.abort(reason));
      return realSleep(ms, undefined, { signal: signal! });
    },
  });
  await assert.rejects(client.kube.get(PODS, 'web-0', { signal: abort.signal }), reason);
});

test('--request-timeout ends a request whose answer does not come whole', async () => {
  await using server = await startApiServer({
    answer: (_request, response) => {
      response.writeHead(200, { 'Content-Type': 'application/json' });
      response.write('{');
    },
  });
  await using client = await connected(server, { flags: { requestTimeoutMs: 50 } });
  await assert.rejects(client.kube.get(PODS, 'web-0'), (error) => {
    assert.ok(error instanceof ConnectionError);
    assert.match(error.message, /^Unable to connect to the server: GET https:\/\/127.*no whole answer within 0\.05s$/);
    assert.match(error.hint ?? '', /--request-timeout/);
    return true;
  });
});

test('over plain HTTP no credentials are sent, as with kubectl proxy', async () => {
  const { createServer } = await import('node:http');
  const seen: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    seen.push(request.headers.authorization, request.headers['impersonate-user'] as string | undefined, request.url);
    reply(response, POD);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const { connectKube } = await import('../../../lib/kube/connect-kube.ts');
  const flags = { server: `http://127.0.0.1:${port}/k8s/clusters/c-1/`, token: TOKEN, as: 'jane' };
  const kube = await connectKube({ flags, env: {}, homeDir: '/nonexistent' });
  await kube.get(PODS, 'web-0');
  assert.deepEqual(seen, [undefined, undefined, '/k8s/clusters/c-1/api/v1/namespaces/default/pods/web-0']);
  await kube.close();
  await new Promise((resolve) => server.close(resolve));
});

test('a client certificate of the kubeconfig reaches the server', async () => {
  await using server = await startApiServer({ answer: (_request, response) => reply(response, POD) });
  const { cert, key } = await server.authority.client('admin');
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const user = { 'client-certificate-data': base64(cert), 'client-key-data': base64(key) };
  await using client = await connected(server, { user });
  await client.kube.get(PODS, 'web-0');
  assert.equal(server.received[0]?.client, 'admin');
  assert.equal(server.received[0]?.headers.authorization, undefined);
});

test('StatusError is thrown for every failed answer', async () => {
  await using server = await startApiServer({ answer: (_request, response) => response.writeHead(500).end() });
  await using client = await connected(server);
  await assert.rejects(client.kube.get(PODS, 'web-0'), StatusError);
});
