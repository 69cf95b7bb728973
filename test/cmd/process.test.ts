import assert from 'node:assert/strict';
import { type ChildProcess, type ChildProcessByStdio, execFile, type StdioOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, existsSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ENTRY = fileURLToPath(new URL('../../cmd/kubectl-zeroloss.ts', import.meta.url));

function start(argv: readonly string[], stdio: StdioOptions = ['ignore', 'pipe', 'pipe']): ChildProcess {
  const env = { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent' };
  return spawn(process.execPath, ['--import', 'tsx', '--', ENTRY, ...argv], { env, stdio });
}

/** Both streams are pipes. */
const piped = (...argv: string[]) => start(argv) as ChildProcessByStdio<null, Readable, Readable>;

test('the program ends with the exit code of its verb, and stderr holds nothing but its own lines', async () => {
  const child = piped('drain', 'nginx');
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  assert.deepEqual([code, stdout], [2, '']);
  assert.match(
    stderr,
    /^error: ORDINALS is missing.*\nhint: .*\n.*--node NODE.*\nSee 'kubectl zeroloss drain --help' for usage\.\n$/,
  );
});

test('a reader that goes away is not a crash', async () => {
  const child = piped('options');
  child.stdout.on('data', () => {});
  child.stdout.destroy();
  const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  assert.deepEqual([code, stderr], [0, '']);
});

/** A named pipe that no one writes to. */
async function silentPipe(): Promise<{ pipe: string; remove(): void }> {
  const dir = mkdtempSync(join(tmpdir(), 'pipe-'));
  const pipe = join(dir, 'pipe');
  await promisify(execFile)('mkfifo', [pipe]);
  return { pipe, remove: () => rmSync(dir, { recursive: true }) };
}

/** Resolves once a program has the pipe open for reading; opening it for writing fails before (Linux: fifo(7)). */
async function read(pipe: string): Promise<number> {
  for (;;) {
    try {
      return openSync(pipe, constants.O_WRONLY | constants.O_NONBLOCK);
    } catch {
      await setTimeout(50);
    }
  }
}

const PIPES = { skip: process.platform === 'win32' ? 'no pipes' : false };

for (const [how, words, said] of [
  ['a recording', ['history', 'nginx', '--from'], /^error: interrupted while .*pipe was read; nothing was written$/m],
  ['a kubeconfig', ['status', 'nginx', '--kubeconfig'], /^error: status was interrupted; nothing was written$/m],
] as const)
  test(`SIGTERM ends a command that reads ${how} from a pipe that stays silent`, PIPES, async () => {
    const { pipe, remove } = await silentPipe();
    const child = piped(...words, pipe);
    try {
      const output = Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
      const writer = await read(pipe);
      child.kill('SIGTERM');
      const [stdout, stderr, [code]] = await output;
      closeSync(writer);
      assert.deepEqual([code, stdout], [143, '']);
      assert.match(stderr, said);
    } finally {
      child.kill('SIGKILL');
      remove();
    }
  });

for (const [how, words] of [
  ['a recording', ['history', 'nginx', '--from']],
  ['a kubeconfig', ['wait-zero', 'nginx', '--kubeconfig']],
] as const)
  test(`--timeout ends a command that reads ${how} from a pipe without a writer, with exit code 6`, PIPES, async () => {
    const { pipe, remove } = await silentPipe();
    const child = piped(...words, pipe, '--timeout', '200ms');
    try {
      const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
      assert.deepEqual([code, stdout], [6, '']);
      assert.match(stderr, /the time-out of 200ms passed/);
    } finally {
      child.kill('SIGKILL');
      remove();
    }
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
      const child = piped('status', 'nginx', '--server', `http://127.0.0.1:${port}`);
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

const full = existsSync('/dev/full') ? {} : { skip: 'only Linux has a device that is always full' };

/** Runs the program with one of its streams on a device that takes nothing. */
async function onFullDevice(name: 'stdout' | 'stderr', ...argv: string[]): Promise<{ code: unknown; other: string }> {
  const device = openSync('/dev/full', 'w');
  const streams = name === 'stdout' ? (['ignore', device, 'pipe'] as const) : (['ignore', 'pipe', device] as const);
  const child = start(argv, [...streams]);
  closeSync(device);
  const [other, [code]] = await Promise.all([text((child.stdout ?? child.stderr)!), once(child, 'exit')]);
  return { code, other };
}

test('messages that cannot be written stop nothing: the exit code is the verb’s', full, async () => {
  assert.deepEqual(await onFullDevice('stderr', 'drain', 'nginx'), { code: 2, other: '' });
});

test(
  'a result that cannot be written is an error at the end, and a code other than 0 stays as it is',
  full,
  async () => {
    const { code, other } = await onFullDevice('stdout', 'options');
    assert.equal(code, 1);
    assert.match(other, /^error: the result could not be written: no space is left on the device\n$/);
    assert.equal((await onFullDevice('stdout', 'drain', 'nginx', '-o', 'json')).code, 2);
  },
);
