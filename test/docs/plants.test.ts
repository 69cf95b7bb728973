/** The planted faults of the histories replace texts of the sources. A change of such a text shows here, before a campaign runs. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { MUTANTS } from '../histories/mutants/plants.ts';

const ROOT = join(import.meta.dirname, '../..');

test('the text that each planted fault replaces is there, and only once', async () => {
  for (const { name, plants } of MUTANTS)
    for (const { file, from } of plants) {
      const text = await readFile(join(ROOT, file), 'utf8');
      assert.equal(text.split(from).length - 1, 1, `${name}: ${from} in ${file}; adapt test/histories/mutants`);
    }
});
