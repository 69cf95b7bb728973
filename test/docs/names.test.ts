import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { test } from 'node:test';

/** A type, interface or class that other files may import. */
const EXPORTED_TYPE = /^export (?:abstract )?(?:interface|type|class) (\w+)/gm;

const FILES = globSync('{lib,cmd,sandbox,scripts}/**/*.ts');

/** Names that stand in more than one place, with the places. */
function repeated(pairs: readonly (readonly [name: string, place: string])[]): [string, string[]][] {
  const places = Map.groupBy(pairs, ([name]) => name);
  return [...places]
    .map(([name, all]): [string, string[]] => [name, all.map(([, place]) => place)])
    .filter(([, all]) => all.length > 1);
}

test('no two exported types share a name: a word in code has one meaning', () => {
  const types = FILES.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(EXPORTED_TYPE)].map(([, name = '']) => [name, file] as const),
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

test('no folder holds more files of its own than an eye takes in: fifteen, or twenty of one a verb; tests too', () => {
  const folders = Map.groupBy([...FILES, ...globSync('{test,bench}/**/*.ts')], (file) => dirname(file));
  const isOneAVerb = (folder: string): boolean => folder.endsWith('/verbs');
  assert.deepEqual(
    [...folders].filter(([folder, { length }]) => length > (isOneAVerb(folder) ? 20 : 15)).map(([folder]) => folder),
    [],
  );
});

test('no file of the program has more than 250 lines', () => {
  assert.deepEqual(
    FILES.filter((file) => readFileSync(file, 'utf8').trimEnd().split('\n').length > 250),
    [],
  );
});

/** Words that the glossary gives to one thing, in a name written `ProofTerms`; and the places that may use them in a name of theirs. */
const OF_ONE_THING: Readonly<Record<string, RegExp>> = {
  Record: /^lib\/recording\//,
  Proof: /zero\/(carry-)?proof\.ts$/,
  Floor: /floor/,
  Lease: /lease|^lib\/ports\//,
  Gate: /gate|^lib\/ports\//,
  Finding: /check|rollout|finding/,
  Refusal: /core\/errors\.ts$|refus/,
  Audit: /rollout/,
  Notice: /^lib\/notices\//,
  Lag: /lag/,
};

test('a word that the glossary gives to one thing is in the name of no other exported type', () => {
  const words = Object.keys(OF_ONE_THING);
  const glossary = readFileSync('docs/glossary.md', 'utf8').toLowerCase();
  assert.deepEqual(
    words.filter((word) => !glossary.includes(`| ${word.toLowerCase()}`)),
    [],
  );
  const wrong = globSync('{lib,cmd}/**/*.ts').flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(EXPORTED_TYPE)]
      .map(([, name = '']) => name)
      .filter((name) =>
        words.some((word) => new RegExp(`${word}(?![a-z])`).test(name) && !OF_ONE_THING[word]?.test(file)),
      )
      .map((name) => `${file}: ${name}`),
  );
  assert.deepEqual(wrong, []);
});
