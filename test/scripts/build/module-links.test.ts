import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { copyWithLinks } from '../../../scripts/build/module-links.ts';

test("a link that a module's archive leaves out is the file that it leads to, in a copy without what no build reads", (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'module-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const [from, to] = [join(folder, 'from'), join(folder, 'to')];
  for (const [path, content] of [
    ['signal/signal_darwin.go', 'package signal'],
    ['docs/page.md', 'words'],
    ['go.mod', 'module x'],
  ] as const) {
    mkdirSync(join(from, path, '..'), { recursive: true });
    writeFileSync(join(from, path), content);
  }
  copyWithLinks(from, to, { 'signal/signal_linux.go': 'signal/signal_darwin.go' });
  assert.deepEqual(readdirSync(to).sort(), ['go.mod', 'signal']);
  assert.deepEqual(readdirSync(join(to, 'signal')).sort(), ['signal_darwin.go', 'signal_linux.go']);
  assert.equal(readFileSync(join(to, 'signal/signal_linux.go'), 'utf8'), 'package signal');
});
