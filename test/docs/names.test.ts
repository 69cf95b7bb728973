import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { test } from 'node:test';

const FILES = globSync('{lib,cmd,sandbox,scripts}/**/*.ts');

/** What stands in more than one place: name to places. */
function repeated(pairs: readonly (readonly [name: string, place: string])[]): [string, string[]][] {
  const places = Map.groupBy(pairs, ([name]) => name);
  return [...places]
    .map(([name, all]): [string, string[]] => [name, all.map(([, place]) => place)])
    .filter(([, all]) => all.length > 1);
}

test('no two exported types share a name: a word in code has one meaning', () => {
  const types = FILES.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/^export (?:abstract )?(?:interface|type|class) (\w+)/gm)].map(
      ([, name = '']) => [name, file] as const,
    ),
  );
  assert.deepEqual(repeated(types), []);
  assert.ok(types.length > 500);
});

test('no two files share a name, but for a word that stands on both floors, in lib/core and in lib/flows', () => {
  const files = FILES.map((file) => [basename(file), dirname(file)] as const);
  const isOneWord = (folders: readonly string[]): boolean =>
    folders.length === 2 &&
    folders.some((each) => each.startsWith('lib/core/')) &&
    folders.some((each) => each.startsWith('lib/flows/'));
  assert.deepEqual(
    repeated(files).filter(([, folders]) => !isOneWord(folders)),
    [],
  );
});

test('no folder holds more files of its own than an eye takes in: about fifteen, or one a verb', () => {
  const folders = Map.groupBy(FILES, (file) => dirname(file));
  const isOneAVerb = (folder: string): boolean => folder.endsWith('/verbs');
  assert.deepEqual(
    [...folders].filter(([folder, { length }]) => length > (isOneAVerb(folder) ? 20 : 16)).map(([folder]) => folder),
    [],
  );
});
