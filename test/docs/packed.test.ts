import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';

test('npm pack at the root takes dist/npm along, and neither tests nor sources', async () => {
  const root = new URL('../../', import.meta.url);
  const words = ['pack', '--dry-run', '--json', '--ignore-scripts', '--offline', '--loglevel=error'];
  const { stdout } = await promisify(execFile)('npm', words, { cwd: root, shell: process.platform === 'win32' });
  const packed: unknown = JSON.parse(stdout);
  const files = (Array.isArray(packed) ? packed : []).flatMap(({ files }: { files: { path: string }[] }) =>
    files.map(({ path }) => path),
  );
  assert.ok(files.includes('package.json'));
  assert.deepEqual(
    files.filter((path) => !/^(dist\/npm\/|README|LICENSE|package\.json$)/.test(path)),
    [],
  );
});
