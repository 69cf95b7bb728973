import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { CATALOGUE } from '../../../sandbox/apiserver/catalogue.ts';
import { TABLES } from '../../../sandbox/semantics/tables/kubectl-table.ts';
import { VALIDATORS } from '../../../sandbox/semantics/validate/validate-object.ts';

/** The kinds in a row of the boundary's table in the sandbox's page. */
function kindsIn(row: string): string[] {
  const line = readFileSync('sandbox/README.md', 'utf8')
    .split('\n')
    .find((each) => each.startsWith(`| ${row} |`));
  return [...(line ?? '').matchAll(/`([A-Z]\w+)`/g)].map(([, kind = '']) => kind).sort();
}

const served = new Map(CATALOGUE.map((each) => [`${each.plural}/${each.group}`, each.kind]));

test('every table stands for a kind that the sandbox serves and that its page names', () => {
  const kinds = Object.keys(TABLES).map((key) => served.get(key) ?? `${key} is not served`);
  assert.deepEqual(kinds.sort(), kindsIn('tables'));
});

test('every validation stands for a kind that the sandbox serves and that its page names', () => {
  const kinds = Object.keys(VALIDATORS).map((kind) =>
    CATALOGUE.some((each) => each.kind === kind) ? kind : `${kind} is not served`,
  );
  assert.deepEqual(kinds.sort(), kindsIn('validation'));
});
