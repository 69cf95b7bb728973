/** docs/history.md names every step that leaves an Event. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';

const ROOT = join(import.meta.dirname, '../..');
const reasonsIn = (text: string): string[] => [...new Set(text.match(/\bZeroloss[A-Z][A-Za-z]+\b/g))].sort();

test('docs/history.md lists the reason of every Event that a step leaves, and no other', async () => {
  const [page, source] = await Promise.all(
    ['docs/history.md', 'lib/flows/guard/write-event.ts'].map((file) => readFile(join(ROOT, file), 'utf8')),
  );
  const type = /^export type EventReason =([^;]*);/m.exec(source ?? '')?.[1] ?? assert.fail();
  const row = /^\| `reason` \|.*$/m.exec(page ?? '')?.[0] ?? assert.fail();
  assert.deepEqual(reasonsIn(row), reasonsIn(type));
});
