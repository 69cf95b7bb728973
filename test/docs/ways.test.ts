import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

const FILES = globSync('{lib,cmd}/**/*.ts').filter((file) => file !== 'lib/core/values/way.ts');

/** The words that a line about the way on or back begins with, or says. */
const WAYS = /['`](?:to go on|to go back|to continue|run the same command)\b|the same command (?:again|goes on)/;
/** Help and messages begin with a capital, hints do not; a comment behind a command is the command's. */
const A_SENTENCE_OF_HELP = /^['`][A-Z]/;
const IN_A_WAY = /(?:\bway\(\s*'(?:on|back|look)',\s*|\b(?:toGoOn|toGoBack)\(\s*|\.note\(\s*)$/;

test('a line that names the way on or back is a value of that kind, so that no one has to look for its words', () => {
  const wrong = FILES.flatMap((file) => {
    const text = readFileSync(file, 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, '');
    return [...text.matchAll(/(?:advice)?`[^`]*`|'[^'\n]*'/g)]
      .filter(([literal]) => WAYS.test(literal) && !A_SENTENCE_OF_HELP.test(literal))
      .filter(({ index }) => !IN_A_WAY.test(text.slice(0, index)))
      .map(([literal]) => `${file}: ${literal}`);
  });
  assert.deepEqual(wrong, []);
});

test('no words follow a command in a line of advice: a person copies the line from there to its end', () => {
  const wrong = FILES.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/advice`(?:[^`]|\$\{[^}]*\})*`/g)]
      .map(([literal]) => literal)
      .filter((literal) => /\$\{(?:own|kubectl)\((?:[^()]|\([^()]*\))*\)\} [A-Za-z]/.test(literal))
      .map((literal) => `${file}: ${literal}`),
  );
  assert.deepEqual(wrong, []);
});

test('no regular expression looks for a line of advice in a text', () => {
  const wrong = FILES.flatMap((file) =>
    [
      ...readFileSync(file, 'utf8').matchAll(
        /\/[^/\n]*(?:to go |same command|where it stands|cure:)[^/\n]*\/[a-z]*\.test/g,
      ),
    ].map(([found]) => `${file}: ${found}`),
  );
  assert.deepEqual(wrong, []);
});
