import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const ENTRY = fileURLToPath(new URL('../../cmd/kubectl-zeroloss.ts', import.meta.url));

function start(...argv: string[]): ChildProcess & { stdout: NodeJS.ReadableStream; stderr: NodeJS.ReadableStream } {
  const env = { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent' };
  return spawn(process.execPath, ['--import', 'tsx', '--', ENTRY, ...argv], { env, stdio: ['ignore', 'pipe', 'pipe'] });
}

test('the program ends with the exit code of its verb, and stderr holds nothing but its own lines', async () => {
  const child = start('drain', 'nginx');
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  assert.deepEqual([code, stdout], [2, '']);
  assert.match(stderr, /^error: ORDINALS is missing.*\nhint: .*\nSee 'kubectl zeroloss drain --help' for usage\.\n$/);
});

test('a reader that goes away is not a crash', async () => {
  const child = start('options');
  child.stdout.on('data', () => {});
  (child.stdout as unknown as { destroy(): void }).destroy();
  const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  assert.deepEqual([code, stderr], [0, '']);
});

for (const [signal, expected] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  test(`${signal} ends a verb that waits for the server, with exit code ${expected}`, async () => {
    const asked = Promise.withResolvers<void>();
    const silent = createServer(() => asked.resolve());
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    try {
      const { port } = silent.address() as AddressInfo;
      const child = start('status', 'nginx', '--server', `http://127.0.0.1:${port}`);
      const output = Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
      await asked.promise;
      child.kill(signal);
      const [stdout, stderr, [code]] = await output;
      assert.deepEqual([code, stdout], [expected, '']);
      assert.match(stderr, /^error: status was interrupted; nothing was written$/m);
    } finally {
      silent.closeAllConnections();
      silent.close();
    }
  });
}
