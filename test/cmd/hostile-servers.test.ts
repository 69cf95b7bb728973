/** The whole program against servers that lie, hang or drip: what it prints and how it ends. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startApiServer } from '../kube/fixtures/api-server.ts';
import { kubeconfigFor, temporaryFolder } from '../kube/fixtures/connected.ts';
import { testAuthority } from '../kube/fixtures/pki.ts';

const ENTRY = fileURLToPath(new URL('../../cmd/kubectl-zeroloss.ts', import.meta.url));

async function run(argv: readonly string[], variables: Record<string, string> = {}) {
  const env = { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent', ...variables };
  const beganMs = Date.now();
  const child = spawn(process.execPath, ['--import', 'tsx', '--', ENTRY, ...argv], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { stdout, stderr, code: code as number, tookMs: Date.now() - beganMs };
}

for (const [what, answer] of [
  ['never answers', () => undefined],
  [
    'sends a byte now and then',
    (_request, response) => {
      response.writeHead(200, { 'Content-Type': 'application/json' });
      const drops = setInterval(() => response.write(' '), 50);
      response.once('close', () => clearInterval(drops));
    },
  ],
] as const satisfies readonly (readonly [string, RequestListener])[]) {
  test(`--timeout ends a verb whose server ${what}: exit 6, with a line within seconds about the wait`, async (t) => {
    const server = createServer(answer);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.after(() => {
      server.closeAllConnections();
      server.close();
    });
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { code, stderr, tookMs } = await run(['drain', 'nginx', '0', '--timeout', '5s', '--server', url]);
    assert.equal(code, 6, stderr);
    assert.match(stderr, /^waiting: GET http:\/\/127\S+ has not been answered for 3s$/m);
    assert.match(stderr, /^error: the time-out of 5s passed; GET http:\/\/127\S+ was not answered$/m);
    // 90 seconds before, or never; most of this is the start of the program on a busy machine.
    assert.ok(tookMs < 30_000, `${tookMs} ms`);
  });
}

test('--timeout ends a verb that only looks, too: status, each look of status -w, check and history', async (t) => {
  const server = createServer(() => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const verbs = [
    ['status', 'nginx'],
    ['status', 'nginx', '-w'],
    ['check', 'nginx'],
    ['history', 'nginx'],
  ];
  await Promise.all(
    verbs.map(async (words) => {
      const { code, stderr, tookMs } = await run([...words, '--timeout', '4s', '--server', url]);
      assert.equal(code, 6, stderr);
      assert.match(stderr, /^waiting: (GET|POST) http:\/\/127\S+ has not been answered for 3s$/m, words.join(' '));
      assert.match(stderr, /^error: the time-out of 4s passed; (GET|POST) http:\/\/127\S+ was not answered$/m);
      assert.ok(tookMs < 60_000, `${words.join(' ')}: ${tookMs} ms`);
    }),
  );
});

test('NODE_TLS_REJECT_UNAUTHORIZED=0 is ignored with a warning: no token goes to a server of another authority', async () => {
  await using server = await startApiServer();
  await using folder = await temporaryFolder();
  const file = join(folder.path, 'config');
  await writeFile(file, JSON.stringify(kubeconfigFor({ url: server.url, authority: await testAuthority('another') })));
  const { code, stderr } = await run(['status', 'nginx', '--kubeconfig', file], { NODE_TLS_REJECT_UNAUTHORIZED: '0' });
  assert.equal(code, 1, stderr);
  assert.match(stderr, /^Warning: NODE_TLS_REJECT_UNAUTHORIZED=0 is ignored: certificates are verified/m);
  assert.match(stderr, /certificate signed by unknown authority/);
  assert.doesNotMatch(stderr, /\(node:\d+\)/);
  assert.deepEqual(server.received, []);
});
