import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isMap } from '../../../../sandbox/semantics/json.ts';
import { mergePatch } from '../../../../sandbox/semantics/patch/merge-patch.ts';

test('every example of RFC 7386 appendix A comes out as printed there', () => {
  const cases: [unknown, unknown, unknown][] = [
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [
      ['a', 'b'],
      ['c', 'd'],
      ['c', 'd'],
    ],
    [{ a: 'b' }, ['c'], ['c']],
    [{ a: 'foo' }, null, null],
    [{ a: 'foo' }, 'bar', 'bar'],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: 'b', c: null }, { a: 'b' }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ];
  for (const [current, patch, expected] of cases) {
    assert.deepEqual(mergePatch(current, patch), expected);
  }
});

test('a patch applied twice gives what it gave once', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (current, patch) => {
      const once = mergePatch(current, patch);
      assert.deepEqual(mergePatch(once, patch), once);
    }),
  );
});

test('an empty patch changes nothing in an object', () => {
  fc.assert(
    fc.property(fc.jsonValue().filter(isMap), (current) => {
      assert.deepEqual(mergePatch(current, {}), current);
    }),
  );
});

test('neither the object nor the patch is changed', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (current, patch) => {
      const [currentBefore, patchBefore] = [structuredClone(current), structuredClone(patch)];
      mergePatch(current, patch);
      assert.deepEqual([current, patch], [currentBefore, patchBefore]);
    }),
  );
});

test('a key called __proto__ is a key like any other', () => {
  const merged = mergePatch(JSON.parse('{"a":1}'), JSON.parse('{"__proto__":{"polluted":true}}'));
  assert.equal(JSON.stringify(merged), '{"a":1,"__proto__":{"polluted":true}}');
  assert.equal(Object.getPrototypeOf(merged), Object.prototype);
});
