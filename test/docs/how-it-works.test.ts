/** The tests that docs/how-it-works.md names as proof exist, under exactly these titles. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { hasTest } from './test-titles.ts';

const ROOT = join(import.meta.dirname, '../..');
const CAUSES = 4;

test('each of the four causes in docs/how-it-works.md names a test that exists, by its title', async () => {
  const page = await readFile(join(ROOT, 'docs/how-it-works.md'), 'utf8');
  const rows = [...page.matchAll(/^\| (\d) .* \| \[(\S+)\]\(\.\.\/(\S+)\) \| (.+) \|$/gm)];
  assert.deepEqual(
    rows.map(([, number]) => Number(number)),
    Array.from({ length: CAUSES }, (_, index) => index + 1),
  );
  for (const [, , shown = '', file = '', title = ''] of rows) {
    assert.equal(shown, file);
    assert.ok(hasTest(await readFile(join(ROOT, file), 'utf8'), title), `${file} has no test called "${title}"`);
  }
});
