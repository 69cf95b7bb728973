import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { digest } from '../../../lib/core/values/digest.ts';

test('a digest has sixteen digits, is the same for the same text, and that of the published algorithm', () => {
  // FNV-1a, 64 bits (draft-eastlake-fnv, test vectors).
  assert.equal(digest(''), 'cbf29ce484222325');
  assert.equal(digest('a'), 'af63dc4c8601ec8c');
  assert.equal(digest('foobar'), '85944171f73967e8');
  fc.assert(
    fc.property(fc.string(), fc.string(), (a, b) => {
      assert.match(digest(a), /^[0-9a-f]{16}$/);
      assert.equal(digest(a) === digest(b), a === b);
    }),
  );
});
