import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { readAtMost, readText } from '../lib/read-file.ts';

let dir = '';
before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'read-file-'));
});
after(() => rm(dir, { recursive: true }));

const POSIX = process.platform !== 'win32';

test('reads a file whole, and an empty one as nothing', async () => {
  await writeFile(join(dir, 'a'), 'ä\n'.repeat(100_000));
  await writeFile(join(dir, 'empty'), '');
  assert.equal(await readText(join(dir, 'a')), 'ä\n'.repeat(100_000));
  assert.equal(await readText(join(dir, 'empty')), '');
});

test('reads a file of just the limit, and refuses one of a byte more', async () => {
  await writeFile(join(dir, 'limit'), Buffer.alloc(70_000));
  assert.equal((await readAtMost(join(dir, 'limit'), 70_000)).length, 70_000);
  await assert.rejects(readAtMost(join(dir, 'limit'), 69_999), { code: 'EFBIG' });
});

test('refuses a device that never ends before it fills the memory', {
  skip: POSIX ? false : 'no devices',
}, async () => {
  await assert.rejects(readText('/dev/zero'), { code: 'EFBIG' });
});

test('reads what a writer puts into a pipe, to its end', { skip: POSIX ? false : 'no pipes' }, async () => {
  const pipe = join(dir, 'pipe');
  await promisify(execFile)('mkfifo', [pipe]);
  const writer = spawn('sh', ['-c', 'head -c 200000 /dev/zero > "$1"', 'sh', pipe]);
  assert.equal((await readAtMost(pipe, 300_000)).length, 200_000);
  assert.notEqual(writer.pid, undefined);
});

test('refuses a pipe that brings too much', { skip: POSIX ? false : 'no pipes' }, async () => {
  const pipe = join(dir, 'much');
  await promisify(execFile)('mkfifo', [pipe]);
  const writer = spawn('sh', ['-c', 'head -c 200000 /dev/zero > "$1" 2>&1', 'sh', pipe]);
  await assert.rejects(readAtMost(pipe, 100_000), { code: 'EFBIG' });
  assert.notEqual(writer.pid, undefined);
});

test('waits for a pipe that no one writes to without holding up anything else, until its signal aborts', {
  skip: POSIX ? false : 'no pipes',
}, async () => {
  const pipe = join(dir, 'silent');
  await promisify(execFile)('mkfifo', [pipe]);
  const stop = new AbortController();
  const reading = readText(pipe, stop.signal);
  setImmediate(() => stop.abort(new Error('stopped')));
  await assert.rejects(reading, /^Error: stopped$/);
});

test('a file that is not there is the error of the system', async () => {
  await assert.rejects(readText(join(dir, 'none')), { code: 'ENOENT' });
});
