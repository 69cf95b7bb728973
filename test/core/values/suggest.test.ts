import assert from 'node:assert/strict';
import { test } from 'node:test';
import { didYouMean, editDistance, suggest } from '../../../lib/core/values/suggest.ts';

const VERBS = ['status', 'drain', 'wait-zero', 'recreate', 'advance', 'restore', 'version'];

test('a slip of the keyboard finds the verb', () => {
  const slips = {
    drian: 'drain',
    dran: 'drain',
    drainn: 'drain',
    waitzero: 'wait-zero',
    wait: 'wait-zero',
    recrate: 'recreate',
    restor: 'restore',
  };
  for (const [slip, verb] of Object.entries(slips)) assert.equal(suggest(slip, VERBS), verb);
});

test('a word that is like none of them suggests nothing', () => {
  for (const word of ['frobnicate', 'x', 'delete', '']) assert.equal(suggest(word, VERBS), undefined);
});

test('swapping two neighbours is one edit', () => {
  assert.deepEqual([editDistance('drian', 'drain'), editDistance('', 'abc'), editDistance('abc', 'abc')], [1, 3, 0]);
});

test('the text names the best candidate, or nothing', () => {
  assert.equal(didYouMean('tiemout', ['timeout'], '--'), '; did you mean "--timeout"?');
  assert.equal(didYouMean('zzz', ['timeout']), '');
});
