import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { gunzipSync, inflateRawSync } from 'node:zlib';
import { tarGz, zip } from '../../../scripts/package/archive.ts';

const FILES = [
  { name: 'LICENSE', content: Buffer.from('free\n'), executable: false },
  { name: 'kubectl-zeroloss', content: Buffer.alloc(1024, 'x'), executable: true },
];

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'archive-'));
  try {
    await work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('a tar.gz', () => {
  test('is unpacked by tar with its contents and modes', () =>
    inFolder(async (folder) => {
      writeFileSync(join(folder, 'a.tar.gz'), await tarGz(FILES));
      const { status, stderr } = spawnSync('tar', ['-xzf', 'a.tar.gz'], { cwd: folder, encoding: 'utf8' });
      assert.deepEqual([status, stderr], [0, '']);
      for (const { name, content, executable } of FILES) {
        assert.deepEqual(readFileSync(join(folder, name)), content);
        assert.equal(statSync(join(folder, name)).mode & 0o777, executable ? 0o755 : 0o644);
      }
    }));
  test('is the same every time, and ends on whole blocks', async () => {
    assert.deepEqual(await tarGz(FILES), await tarGz(FILES));
    assert.equal(gunzipSync(await tarGz(FILES)).length % 512, 0);
  });
});

test('a zip says where each file is, how long and what its sum is', async () => {
  const archive = await zip(FILES);
  const end = archive.subarray(-22);
  assert.equal(end.toString('latin1', 0, 4), 'PK\x05\x06');
  assert.equal(end.readUInt16LE(10), FILES.length);
  let at = end.readUInt32LE(16);
  for (const { name, content, executable } of FILES) {
    assert.equal(archive.toString('latin1', at, at + 4), 'PK\x01\x02');
    assert.equal(archive.toString('latin1', at + 46, at + 46 + name.length), name);
    assert.equal(archive.readUInt32LE(at + 38) >>> 16, executable ? 0o100755 : 0o100644);
    const local = archive.readUInt32LE(at + 42);
    const packed = archive.subarray(local + 30 + name.length, local + 30 + name.length + archive.readUInt32LE(at + 20));
    assert.deepEqual(inflateRawSync(packed), content);
    at += 46 + name.length;
  }
  assert.equal(at, archive.length - 22);
});
