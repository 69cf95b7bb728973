import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RefusedError } from '../../lib/core/errors.ts';
import { own } from '../../lib/core/values/command.ts';
import { visible, visibleIn } from '../../lib/output/visible.ts';

test('escape sequences and control characters are shown as kubectl shows them, and bidirectional marks by their number', () => {
  for (const [text, shown] of [
    ['\u001b[2J\u001b[1;31mERROR', '^[[2J^[[1;31mERROR'],
    ['ok\rno', 'ok^Mno'],
    ['\u0007\u0000\u007f', '^G^@^?'],
    ['\u009b31m', '<U+009B>31m'],
    ['nginx\u202egnp.exe\u202c', 'nginx<U+202E>gnp.exe<U+202C>'],
    ['\u2066a\u2069\u200f\u061c', '<U+2066>a<U+2069><U+200F><U+061C>'],
    ['one\n\ttwo, 三, é, 👩‍💻', 'one\n\ttwo, 三, é, 👩‍💻'],
  ] as const) {
    assert.equal(visible(text), shown);
  }
});

test('law: nothing that a terminal obeys is left, and what is visible stays as it is', () => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  const obeyed = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/;
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      assert.doesNotMatch(visible(text), obeyed);
      assert.equal(visible(visible(text)), visible(text));
    }),
  );
});

test('every text in a value is made visible, keys and errors included, and the class of an error stays', () => {
  const evil = 'a\u001b[2J';
  const data = { rows: [{ pod: evil, weight: 0, [evil]: null }], seen: new Map([[evil, new Set([evil])]]) };
  const seen = 'a^[[2J';
  assert.deepEqual(visibleIn(data), {
    rows: [{ pod: seen, weight: 0, [seen]: null }],
    seen: new Map([[seen, new Set([seen])]]),
  });
  const error = visibleIn(new RefusedError([{ rule: 'floor', message: evil, cure: own('drain', evil) }], evil));
  assert.ok(error instanceof RefusedError);
  assert.deepEqual([error.message, error.hint, error.exitCode], [seen, seen, 4]);
  assert.deepEqual(error.refusals, [{ rule: 'floor', message: seen, cure: own('drain', seen) }]);
});
