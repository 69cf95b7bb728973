import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { type WebSocket, WebSocketServer } from 'ws';
import { ConnectionError, StatusError } from '../../../lib/core/errors.ts';
import { startApiServer, statusBody, type TestApiServer } from '../fixtures/api-server.ts';
import { connected, TOKEN, temporaryFolder } from '../fixtures/connected.ts';

type Script = (socket: WebSocket) => void;

const SUCCESS = { metadata: {}, status: 'Success' };
const exitWith = (code: number) => ({
  metadata: {},
  status: 'Failure',
  message: `command terminated with non-zero exit code: exit status ${code}`,
  reason: 'NonZeroExitCode',
  details: { causes: [{ reason: 'ExitCode', message: String(code) }] },
});

const frame = (channel: number, data: string | Buffer) => Buffer.concat([Buffer.from([channel]), Buffer.from(data)]);

/** Serves exec on the test server with these subprotocols, newest first. */
function serveExec(
  server: TestApiServer,
  script: Script,
  protocols = ['v5.channel.k8s.io', 'v4.channel.k8s.io'],
  onlyFor?: string,
) {
  const asked: { url: URL; authorization: string | undefined; groups: string | string[] | undefined }[] = [];
  const offered: string[][] = [];
  const sockets = new WebSocketServer({
    noServer: true,
    handleProtocols: (wanted) => {
      offered.push([...wanted]);
      return protocols.find((protocol) => wanted.has(protocol)) ?? false;
    },
  });
  server.server.on('upgrade', (request, socket, head) => {
    const { authorization, 'impersonate-group': groups } = request.headers;
    if (onlyFor !== undefined && authorization !== onlyFor) return;
    asked.push({ url: new URL(request.url ?? '', 'https://server'), authorization, groups });
    sockets.handleUpgrade(request, socket, head, script);
  });
  return { asked, offered };
}

test('exec collects both streams, across split characters, and the exit code 0', async () => {
  await using server = await startApiServer();
  const bytes = Buffer.from('端口 0\n');
  const { asked, offered } = serveExec(server, (socket) => {
    for (const channel of [1, 2, 3]) socket.send(frame(channel, ''));
    socket.send(frame(1, bytes.subarray(0, 2)));
    socket.send(frame(2, 'careful\n'));
    socket.send(frame(1, bytes.subarray(2)));
    socket.send(frame(3, JSON.stringify(SUCCESS)));
  });
  await using client = await connected(server, { flags: { as: 'jane', asGroup: ['a', 'b'] } });
  const result = await client.kube.exec('web-0', 'main', ['cat', '/proc/net/tcp', 'a b&c'], { namespace: 'other' });
  assert.deepEqual(result, { stdout: '端口 0\n', stderr: 'careful\n', exitCode: 0 });
  const [request] = asked;
  assert.equal(request?.url.pathname, '/api/v1/namespaces/other/pods/web-0/exec');
  assert.deepEqual(request?.url.searchParams.getAll('command'), ['cat', '/proc/net/tcp', 'a b&c']);
  assert.deepEqual(request?.url.searchParams.get('container'), 'main');
  assert.equal(request?.authorization, `Bearer ${TOKEN}`);
  assert.equal(request?.groups, 'a, b');
  assert.deepEqual(offered, [['v5.channel.k8s.io', 'v4.channel.k8s.io']]);
});

test('frames that come together with the handshake are not lost', async () => {
  await using server = await startApiServer();
  serveExec(server, (socket) => {
    socket.send(frame(1, 'early'));
    socket.send(frame(3, JSON.stringify(SUCCESS)));
    socket.close();
  });
  await using client = await connected(server);
  for (let count = 0; count < 20; count += 1) {
    assert.equal((await client.kube.exec('web-0', 'main', ['true'])).stdout, 'early');
  }
});

test('a server that only speaks v4 serves exec too', async () => {
  await using server = await startApiServer();
  serveExec(server, (socket) => socket.send(frame(3, JSON.stringify(exitWith(3)))), ['v4.channel.k8s.io']);
  await using client = await connected(server);
  assert.deepEqual(await client.kube.exec('web-0', 'main', ['sh', '-c', 'exit 3']), {
    stdout: '',
    stderr: '',
    exitCode: 3,
  });
});

test('a command that cannot be started is a StatusError, not an exit code', async () => {
  await using server = await startApiServer();
  const message = 'error executing command in container: executable file not found in $PATH';
  serveExec(server, (socket) => socket.send(frame(3, JSON.stringify(statusBody(500, 'InternalError', message)))));
  await using client = await connected(server);
  await assert.rejects(client.kube.exec('web-0', 'main', ['nope']), (error) => {
    assert.ok(error instanceof StatusError);
    assert.equal(error.message, `Error from server (InternalError): ${message}`);
    return true;
  });
});

test('a refused handshake is reported with the Status of the server', async () => {
  await using server = await startApiServer();
  const message =
    'pods "web-0" is forbidden: User "jane" cannot create resource "pods/exec" in API group "" in the namespace "shop"';
  const body = JSON.stringify(statusBody(403, 'Forbidden', message, { name: 'web-0', kind: 'pods' }));
  server.server.on('upgrade', (_request, socket) => {
    socket.end(`HTTP/1.1 403 Forbidden\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`);
  });
  await using client = await connected(server);
  await assert.rejects(client.kube.exec('web-0', 'main', ['true']), {
    message: `Error from server (Forbidden): ${message}`,
    hint: 'ask with: kubectl auth can-i create pods/web-0 --subresource=exec -n shop',
  });
});

test('a handshake refused with 401 is repeated with a token file read again, and the token shows in no trace', async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, 'token');
  await writeFile(file, 'old-token');
  await using server = await startApiServer();
  server.server.on('upgrade', (request, socket) => {
    if (request.headers.authorization !== 'Bearer new-token') {
      void writeFile(file, 'new-token').then(() =>
        socket.end('HTTP/1.1 401 Unauthorized\r\nConnection: close\r\n\r\n'),
      );
    }
  });
  const { asked } = serveExec(
    server,
    (socket) => socket.send(frame(3, JSON.stringify(SUCCESS))),
    undefined,
    'Bearer new-token',
  );
  await using client = await connected(server, { user: { tokenFile: file }, now: () => 0 });
  assert.equal((await client.kube.exec('web-0', 'main', ['true'])).exitCode, 0);
  assert.deepEqual(
    asked.map(({ authorization }) => authorization),
    ['Bearer new-token'],
  );
  const all = client.traces.join('\n');
  assert.equal(/(old|new)-token/.test(all), false);
  assert.match(all, /6 GET https:\/\/.*\/exec\?command=true&.* 401\n/);
  assert.match(all, /6 GET https:\/\/.* 101, v5\.channel\.k8s\.io/);
});

test('a server that agrees on no subprotocol, as before Kubernetes 1.30, is reported with the subprotocols that it must offer', async () => {
  await using server = await startApiServer();
  serveExec(server, () => undefined, []);
  await using client = await connected(server);
  await assert.rejects(client.kube.exec('web-0', 'main', ['true']), (error) => {
    assert.ok(error instanceof ConnectionError);
    assert.match(error.hint ?? '', /v5\.channel\.k8s\.io, v4\.channel\.k8s\.io/);
    return true;
  });
});

test('a stream that closes before the end of the command was reported is an error, never an empty success', async () => {
  await using server = await startApiServer();
  serveExec(server, (socket) => {
    socket.send(frame(1, 'half'));
    socket.close();
  });
  await using client = await connected(server);
  await assert.rejects(client.kube.exec('web-0', 'main', ['true']), /closed before the command reported its end$/);
});

test('output above 16 MiB is refused, not cut', async () => {
  await using server = await startApiServer();
  const megabyte = Buffer.alloc(1024 * 1024, 'x');
  serveExec(server, (socket) => {
    for (let count = 0; count < 17; count += 1) socket.send(frame(1, megabyte));
    socket.send(frame(3, JSON.stringify(SUCCESS)));
  });
  await using client = await connected(server);
  await assert.rejects(client.kube.exec('web-0', 'main', ['yes']), /output is larger than 16 MiB$/);
});

test('output that is taken as it comes has no limit, and a character that two frames share stays whole', async () => {
  await using server = await startApiServer();
  const megabyte = Buffer.alloc(1024 * 1024, 'x');
  const bytes = Buffer.from('端');
  serveExec(server, (socket) => {
    for (let count = 0; count < 20; count += 1) socket.send(frame(1, megabyte));
    for (const part of [bytes.subarray(0, 1), bytes.subarray(1)]) socket.send(frame(1, part));
    socket.send(frame(3, JSON.stringify(SUCCESS)));
  });
  await using client = await connected(server);
  let length = 0;
  let last = '';
  const onStdout = (text: string): void => {
    length += text.length;
    last = text;
  };
  assert.deepEqual(await client.kube.exec('web-0', 'main', ['cat'], { onStdout }), {
    stdout: '',
    stderr: '',
    exitCode: 0,
  });
  assert.deepEqual([length, last], [20 * 1024 * 1024 + 1, '端']);
});

test('a consumer that refuses the output ends the exec', async () => {
  await using server = await startApiServer();
  serveExec(server, (socket) => socket.send(frame(1, 'more')));
  await using client = await connected(server);
  const onStdout = (): void => {
    throw new ConnectionError('enough');
  };
  await assert.rejects(client.kube.exec('web-0', 'main', ['yes'], { onStdout }), /^ConnectionError: enough$/);
});

test('a command that goes silent ends its exec with a failure that may be temporary; one that goes on talking does not', async () => {
  await using server = await startApiServer();
  serveExec(server, (socket) => {
    for (const channel of [1, 2, 3]) socket.send(frame(channel, ''));
    socket.send(frame(1, 'half'));
  });
  await using client = await connected(server, { execSilenceMs: 40 });
  await assert.rejects(client.kube.exec('web-0', 'main', ['sleep']), (error) => {
    assert.ok(error instanceof ConnectionError);
    assert.equal(error.retryable, true);
    assert.match(error.message, /exec at .*\/pods\/web-0\/exec: silent for 0\.04s$/);
    return true;
  });

  await using talking = await startApiServer();
  serveExec(talking, (socket) => {
    let said = 0;
    const timer = setInterval(() => {
      said += 1;
      socket.send(said < 20 ? frame(1, '.') : frame(3, JSON.stringify(SUCCESS)));
      if (said === 20) clearInterval(timer);
    }, 30);
  });
  await using patient = await connected(talking, { execSilenceMs: 500 });
  assert.equal((await patient.kube.exec('web-0', 'main', ['sleep'])).stdout, '.'.repeat(19));
});

test('an abort ends exec with the reason, before and during the command', async () => {
  const reason = new Error('stop');
  const abort = new AbortController();
  await using server = await startApiServer();
  serveExec(server, () => abort.abort(reason));
  await using client = await connected(server);
  await assert.rejects(client.kube.exec('web-0', 'main', ['sleep'], { signal: abort.signal }), reason);
  await assert.rejects(client.kube.exec('web-0', 'main', ['sleep'], { signal: abort.signal }), reason);
});

for (const garbage of ['7', 'null', '[]', '"done"', '{}', '{"status":"Maybe"}', '{"status":{},"details":null}']) {
  test(`a command's end that is ${garbage}, and no Status, is answered in words`, async () => {
    await using server = await startApiServer();
    serveExec(server, (socket) => socket.send(frame(3, garbage)));
    await using client = await connected(server);
    await assert.rejects(client.kube.exec('web-0', 'main', ['true']), (error: Error) => {
      assert.equal(error.name, 'ConnectionError');
      assert.match(error.message, /\/pods\/web-0\/exec: the command's end was not reported by a Status: ./);
      return true;
    });
  });
}

test('a failure with causes of another shape is a failure, never an exit code of 0', async () => {
  await using server = await startApiServer();
  const status = {
    status: 'Failure',
    reason: 'NonZeroExitCode',
    message: 'no',
    details: { causes: [null, 7, { reason: 'ExitCode', message: '' }] },
  };
  serveExec(server, (socket) => socket.send(frame(3, JSON.stringify(status))));
  await using client = await connected(server);
  await assert.rejects(client.kube.exec('web-0', 'main', ['true']), /Error from server \(NonZeroExitCode\): no$/);
});
