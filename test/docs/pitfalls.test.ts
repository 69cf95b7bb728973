import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

const ROOT = new URL('../../', import.meta.url);

test('every pitfall names tests that exist', async () => {
  const page = await readFile(new URL('docs/pitfalls.md', ROOT), 'utf8');
  const rows = [...page.matchAll(/^\| .*\| \[(test\/\S+)\]\(\S+\) \| (.+) \|$/gm)];
  assert.ok(rows.length > 30);
  for (const [, file = '', name = ''] of rows) {
    const text = await readFile(new URL(file, ROOT), 'utf8');
    assert.ok(text.includes(name), `${file} has no test "${name}"`);
  }
});
