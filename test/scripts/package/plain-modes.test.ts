import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { plainModes } from '../../../scripts/package/plain-modes.ts';

test('a package built under a strict umask has the modes of any other', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'modes-'));
  try {
    mkdirSync(join(folder, 'lib'), { mode: 0o700 });
    writeFileSync(join(folder, 'lib', 'chunk.cjs'), '', { mode: 0o600 });
    writeFileSync(join(folder, 'main.cjs'), '', { mode: 0o700 });
    writeFileSync(join(folder, 'README.md'), '', { mode: 0o664 });
    await plainModes(folder);
    const modes = ['lib', 'lib/chunk.cjs', 'main.cjs', 'README.md'].map(
      (name) => statSync(join(folder, name)).mode & 0o777,
    );
    assert.deepEqual(modes, [0o755, 0o644, 0o755, 0o644]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
