import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { basename, dirname, join } from 'node:path';
import { test } from 'node:test';
import { PODS } from '../../../lib/ports/resources.ts';
import { isGone, until, untilGone } from '../../fakes/processes.ts';
import { reply, startApiServer } from '../fixtures/api-server.ts';
import { connected, temporaryFolder } from '../fixtures/connected.ts';

const API_VERSION = 'client.authentication.k8s.io/v1';
const POD = { metadata: { name: 'x' } };

/** A plugin that appends KUBERNETES_EXEC_INFO to `calls` and prints what `answer` makes of the call's number. */
async function plugin(folder: string, answer: string, fields: object = {}): Promise<object> {
  const script = join(folder, 'plugin.mjs');
  await writeFile(
    script,
    `import { appendFileSync, readFileSync } from 'node:fs';
     const log = ${JSON.stringify(join(folder, 'calls'))};
     appendFileSync(log, JSON.stringify({ info: JSON.parse(process.env.KUBERNETES_EXEC_INFO), extra: process.env.EXTRA, args: process.argv.slice(2) }) + '\\n');
     const call = readFileSync(log, 'utf8').trim().split('\\n').length;
     const status = (() => (${answer}))();
     console.log(JSON.stringify({ kind: 'ExecCredential', apiVersion: '${API_VERSION}', status }));`,
  );
  const exec = {
    apiVersion: API_VERSION,
    command: process.execPath,
    args: [script, '--flag'],
    env: [{ name: 'EXTRA', value: 'more' }],
    interactiveMode: 'Never',
    ...fields,
  };
  return { exec };
}

async function calls(
  folder: string,
): Promise<{ info: { spec: Record<string, unknown> }; extra: string; args: string[] }[]> {
  const text = await readFile(join(folder, 'calls'), 'utf8').catch(() => '');
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

test('an exec plugin is run once for many requests, with its arguments, its env and KUBERNETES_EXEC_INFO', async () => {
  await using folder = await temporaryFolder();
  await using server = await startApiServer({ answer: (_request, response) => reply(response, POD) });
  const user = await plugin(folder.path, `({ token: 'token-' + call })`);
  await using client = await connected(server, { user });
  await Promise.all([client.kube.get(PODS, 'x'), client.kube.get(PODS, 'x')]);
  await client.kube.get(PODS, 'x');
  assert.deepEqual(
    server.received.map(({ headers }) => headers.authorization),
    Array(3).fill('Bearer token-1'),
  );
  assert.deepEqual(await calls(folder.path), [
    {
      info: { kind: 'ExecCredential', apiVersion: API_VERSION, spec: { interactive: false } },
      extra: 'more',
      args: ['--flag'],
    },
  ]);
  assert.equal(
    client.traces.some((line) => line.includes('token-1')),
    false,
  );
});

test('provideClusterInfo hands over the cluster, its CA as data and its exec extension', async () => {
  await using folder = await temporaryFolder();
  await using server = await startApiServer({ answer: (_request, response) => reply(response, POD) });
  const user = await plugin(folder.path, `({ token: 't' })`, { provideClusterInfo: true });
  await writeFile(join(folder.path, 'ca.crt'), server.authority.ca);
  const extensions = [{ name: 'client.authentication.k8s.io/exec', extension: { audience: 'a' } }];
  const cluster = {
    'certificate-authority-data': null,
    'certificate-authority': join(folder.path, 'ca.crt'),
    extensions,
  };
  await using client = await connected(server, { user, cluster });
  await client.kube.get(PODS, 'x');
  const ca = Buffer.from(server.authority.ca).toString('base64');
  const [call] = await calls(folder.path);
  assert.deepEqual(call?.info.spec['cluster'], {
    server: server.url,
    'certificate-authority-data': ca,
    config: { audience: 'a' },
  });
});

test('a 401 runs the plugin again and repeats the request once', async () => {
  await using folder = await temporaryFolder();
  let accepted = 'Bearer token-2';
  await using server = await startApiServer({
    answer: ({ headers }, response) => reply(response, POD, headers.authorization === accepted ? 200 : 401),
  });
  await using client = await connected(server, { user: await plugin(folder.path, `({ token: 'token-' + call })`) });
  await client.kube.get(PODS, 'x');
  assert.equal((await calls(folder.path)).length, 2);
  accepted = 'none';
  await assert.rejects(client.kube.get(PODS, 'x'), { httpStatus: 401 });
  assert.equal((await calls(folder.path)).length, 3);
});

test('a credential is used up to its expiry and not after', async () => {
  await using folder = await temporaryFolder();
  await using server = await startApiServer({ answer: (_request, response) => reply(response, POD) });
  const expiry = Date.parse('2030-01-01T00:00:00Z');
  const user = await plugin(folder.path, `({ token: 'token-' + call, expirationTimestamp: '2030-01-01T00:00:00Z' })`);
  let now = expiry - 1;
  await using client = await connected(server, { user, now: () => now });
  await client.kube.get(PODS, 'x');
  await client.kube.get(PODS, 'x');
  now = expiry;
  await client.kube.get(PODS, 'x');
  assert.deepEqual(
    server.received.map(({ headers }) => headers.authorization),
    ['Bearer token-1', 'Bearer token-1', 'Bearer token-2'],
  );
});

test('a plugin may bring a client certificate, and a new one opens a new connection', async () => {
  await using folder = await temporaryFolder();
  await using server = await startApiServer({ answer: (_request, response) => reply(response, POD) });
  const pairs = await Promise.all(['first', 'second'].map((name) => server.authority.client(name)));
  const statuses = pairs.map(({ cert, key }) => ({ clientCertificateData: cert, clientKeyData: key }));
  const user = await plugin(folder.path, `${JSON.stringify(statuses)}[call - 1]`);
  await using client = await connected(server, { user });
  await client.kube.get(PODS, 'x');
  await client.kube.get(PODS, 'x');
  let refused = false;
  server.answer = (_request, response) => {
    reply(response, POD, refused ? 200 : 401);
    refused = true;
  };
  await client.kube.get(PODS, 'x');
  assert.deepEqual(
    server.received.map((request) => request.client),
    ['first', 'first', 'first', 'second'],
  );
  assert.equal(server.connections(), 2);
});

test('a new client certificate does not cut what runs on the former one', async () => {
  await using folder = await temporaryFolder();
  let watched: ServerResponse | undefined;
  await using server = await startApiServer({
    answer: ({ client, url }, response) => {
      if (!url.searchParams.has('watch')) return reply(response, POD, client === 'first' ? 401 : 200);
      watched = response;
      response.write(`${JSON.stringify({ type: 'ADDED', object: POD })}\n`);
    },
  });
  const pairs = await Promise.all(['first', 'second'].map((name) => server.authority.client(name)));
  const statuses = pairs.map(({ cert, key }) => ({ clientCertificateData: cert, clientKeyData: key }));
  await using client = await connected(server, {
    user: await plugin(folder.path, `${JSON.stringify(statuses)}[call - 1]`),
  });
  const seen: string[] = [];
  for await (const { type } of client.kube.watch(PODS, {})) {
    seen.push(type);
    if (seen.length === 2) break;
    await client.kube.get(PODS, 'x');
    watched?.write(`${JSON.stringify({ type: 'MODIFIED', object: POD })}\n`);
  }
  assert.deepEqual(seen, ['ADDED', 'MODIFIED']);
});

test('a missing plugin is reported with its install hint, a failing one with its exit code', async () => {
  await using folder = await temporaryFolder();
  await mkdir(join(folder.path, 'bin'));
  await using server = await startApiServer();
  const exec = {
    apiVersion: API_VERSION,
    interactiveMode: 'Never',
    installHint: 'get it from the team',
    args: ['-e', 'process.exit(7)'],
  };
  await using missing = await connected(server, {
    user: { exec: { ...exec, command: 'zeroloss-no-such-login' } },
    env: { PATH: join(folder.path, 'bin') },
  });
  await assert.rejects(missing.kube.get(PODS, 'x'), (error: Error) => {
    assert.match(
      error.message,
      /^Unable to connect to the server: getting credentials: exec: executable zeroloss-no-such-login not found\n/,
    );
    assert.match(error.message, /\n\nget it from the team$/);
    return true;
  });
  await using failing = await connected(server, { user: { exec: { ...exec, command: process.execPath } } });
  await assert.rejects(
    failing.kube.get(PODS, 'x'),
    /getting credentials: exec: executable .* failed with exit code 7$/,
  );
  assert.equal(server.received.length, 0);
});

test('wrong output of a plugin is refused in client-go words, and never quoted', async () => {
  await using folder = await temporaryFolder();
  await using server = await startApiServer();
  const cases: [string, object, RegExp][] = [
    ['undefined', {}, /exec plugin didn't return a status field$/],
    ['({})', {}, /exec plugin didn't return a token or cert\/key pair$/],
    [`({ clientKeyData: 'k' })`, {}, /exec plugin returned only certificate or key, not both$/],
    [`({ token: 't', expirationTimestamp: 'soon' })`, {}, /bad expirationTimestamp "soon"$/],
    [
      `({ token: 't' })`,
      { apiVersion: 'client.authentication.k8s.io/v1beta1' },
      /configured to use API version client\.authentication\.k8s\.io\/v1beta1, plugin returned version client\.authentication\.k8s\.io\/v1$/,
    ],
    [`console.log('hunter2')`, {}, /decoding stdout: the exec plugin did not print JSON$/],
  ];
  for (const [answer, fields, told] of cases) {
    await using client = await connected(server, { user: await plugin(folder.path, answer, fields) });
    await assert.rejects(client.kube.get(PODS, 'x'), told);
  }
  assert.equal(server.received.length, 0);
});

test('a token given by hand wins over the plugin, which is not run', async () => {
  await using folder = await temporaryFolder();
  await using server = await startApiServer({ answer: (_request, response) => reply(response, POD) });
  const user = await plugin(folder.path, `({ token: 't' })`);
  await using client = await connected(server, { user, flags: { token: 'by-hand' } });
  await client.kube.get(PODS, 'x');
  assert.equal(server.received[0]?.headers.authorization, 'Bearer by-hand');
  assert.deepEqual(await calls(folder.path), []);
});

test("kubectl's policy on credential plugins in kuberc is kept: all, none, or those listed by path or by name on PATH", async () => {
  await using folder = await temporaryFolder();
  await using server = await startApiServer({ answer: (_request, response) => reply(response, POD) });
  const user = await plugin(folder.path, `({ token: 't' })`);
  const env = { KUBERC: join(folder.path, 'kuberc'), PATH: dirname(process.execPath) };
  const cases: [string, RegExp | undefined][] = [
    ['kind: Preference', undefined],
    ['credentialPluginPolicy: AllowAll', undefined],
    ['credentialPluginPolicy: DenyAll', /getting credentials: plugin ".*" not allowed: policy set to "DenyAll"$/],
    [
      `{credentialPluginPolicy: Allowlist, credentialPluginAllowlist: [{name: x}, {name: ${process.execPath}}]}`,
      undefined,
    ],
    [
      `{credentialPluginPolicy: Allowlist, credentialPluginAllowlist: [{command: ${basename(process.execPath)}}]}`,
      undefined,
    ],
    [
      '{credentialPluginPolicy: Allowlist, credentialPluginAllowlist: [{name: other}]}',
      /not in the credentialPluginAllowlist/,
    ],
    ['credentialPluginPolicy: Allowlist', /not in the credentialPluginAllowlist/],
    [
      '{credentialPluginPolicy: AllowAll, credentialPluginAllowlist: [{name: x}]}',
      /it is AllowAll, DenyAll, or Allowlist/,
    ],
    ['credentialPluginPolicy: Sometimes', /it is AllowAll, DenyAll, or Allowlist/],
  ];
  for (const [kuberc, told] of cases) {
    await writeFile(env.KUBERC, kuberc);
    await using client = await connected(server, { user, env });
    if (told) await assert.rejects(client.kube.get(PODS, 'x'), told);
    else await client.kube.get(PODS, 'x');
  }
  assert.equal((await calls(folder.path)).length, 4);
});

test('one token that has expired runs the plugin once, however many requests meet it', async () => {
  await using folder = await temporaryFolder();
  const waiting: ServerResponse[] = [];
  await using server = await startApiServer({
    answer: ({ headers }, response) => {
      if (headers.authorization === 'Bearer token-1') waiting.push(response);
      else reply(response, POD);
      // All of them are on their way before the first is refused, and they are refused one after the other.
      if (waiting.length === 5)
        waiting.splice(0).forEach((each, index) => void setTimeout(() => reply(each, {}, 401), index * 20));
    },
  });
  await using client = await connected(server, { user: await plugin(folder.path, `({ token: 'token-' + call })`) });
  await Promise.all(Array.from({ length: 5 }, () => client.kube.get(PODS, 'x')));
  assert.equal((await calls(folder.path)).length, 2);
});

/** A plugin that leaves its process id in `folder`/pid and then thinks for a long time. */
function slowPlugin(folder: string): object {
  // A shell starts soonest: on a busy machine a time-out must not end before the plugin has begun.
  const script = `echo $$ > '${join(folder, 'pid')}'; exec sleep 600`;
  const exec = { apiVersion: API_VERSION, interactiveMode: 'Never', command: '/bin/sh', args: ['-c', script] };
  return { exec };
}

const pidIn = (folder: string) =>
  until(() => {
    const file = join(folder, 'pid');
    return (existsSync(file) && Number(readFileSync(file, 'utf8'))) || undefined;
  });

test('an abort ends a request that waits for a plugin at once, and the plugin with the last one that waits', async () => {
  await using folder = await temporaryFolder();
  await using server = await startApiServer();
  await using client = await connected(server, { user: slowPlugin(folder.path) });
  const stops = [new AbortController(), new AbortController()];
  const asked = stops.map(({ signal }) => client.kube.get(PODS, 'x', { signal }));
  const pid = await pidIn(folder.path);
  const reason = new Error('stop');
  stops[0]?.abort(reason);
  await assert.rejects(asked[0] ?? Promise.resolve(), reason);
  assert.equal(isGone(pid), false, 'somebody waits for it still');
  stops[1]?.abort(reason);
  await assert.rejects(asked[1] ?? Promise.resolve(), reason);
  await untilGone(pid);
});

test('--request-timeout bounds the plugin too, and the next request starts it anew', async () => {
  await using folder = await temporaryFolder();
  await using server = await startApiServer({ answer: (_request, response) => reply(response, POD) });
  await using client = await connected(server, { user: slowPlugin(folder.path), flags: { requestTimeoutMs: 3_000 } });
  const asked = client.kube.get(PODS, 'x');
  const pid = await pidIn(folder.path);
  await assert.rejects(asked, /no whole answer within 3s$/);
  await untilGone(pid);
  await writeFile(join(folder.path, 'pid'), '');
  const again = assert.rejects(client.kube.get(PODS, 'x'), /no whole answer within 3s$/);
  const ended = again.then(() => assert.fail('the plugin was not started anew'));
  assert.notEqual(await Promise.race([pidIn(folder.path), ended]), pid);
  await again;
});

test('a plugin learns whether it may ask, and one that must ask is refused without a terminal', async () => {
  await using folder = await temporaryFolder();
  await using server = await startApiServer({ answer: (_request, response) => reply(response, POD) });
  for (const [interactiveMode, interactive] of [
    ['IfAvailable', true],
    ['IfAvailable', false],
    ['Always', true],
    ['Never', true],
  ] as const) {
    const user = await plugin(folder.path, `({ token: 't' })`, { interactiveMode });
    await using client = await connected(server, { user, interactive });
    await client.kube.get(PODS, 'x');
  }
  assert.deepEqual(
    (await calls(folder.path)).map(({ info }) => info.spec['interactive']),
    [true, false, true, false],
  );
  const asks = await plugin(folder.path, `({ token: 't' })`, { interactiveMode: 'Always' });
  await using refused = await connected(server, { user: asks, interactive: false });
  await assert.rejects(refused.kube.get(PODS, 'x'), /exec plugin cannot support interactive mode/);
});
