import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { batchLine } from '../../../lib/core/plan/batch-line.ts';

const story = {
  ...{ number: 1, total: 1, ordinals: [2, 3, 4], updated: 6, all: 6, word: 'updated' as const, tookMs: [] },
  ...{ drained: [2, 3, 4], found: [], recreated: [2, 3, 4], zeroMs: 7_000 },
};

it('the line of a batch names each step once where it happened to every pod of it', () => {
  assert.equal(batchLine(story), '[1/1] ordinals 2-4: drained · zero after 7s · recreated · healthy   6 of 6 updated');
});

it('the line of a batch names the ordinals of a step that did not happen to every pod of it', () => {
  assert.equal(
    batchLine({ ...story, drained: [2], found: [2, 3, 4], recreated: [2, 3] }),
    '[1/1] ordinals 2-4: drained 2 · found drained 3,4 · zero after 7s · recreated 2,3 · weight given back to 4 · healthy   6 of 6 updated',
  );
});

it('the line of a batch claims no step that happened to none of its pods', () => {
  const some = fc.subarray([0, 1, 2, 3, 4, 5, 6]);
  fc.assert(
    fc.property(fc.subarray([2, 3, 4], { minLength: 1 }), some, some, some, (ordinals, drained, found, recreated) => {
      const line = batchLine({ ...story, ordinals, drained, found, recreated, zeroMs: undefined });
      const ours = (those: readonly number[]) => those.filter((each) => ordinals.includes(each));
      const left = ours(found).filter((each) => !drained.includes(each));
      assert.equal(/(?<!found )drained/.test(line), ours(drained).length > 0);
      assert.equal(line.includes('found drained'), left.length > 0);
      assert.equal(line.includes('recreated'), ours(recreated).length > 0);
      assert.equal(line.includes('weight given back'), ours(recreated).length < ordinals.length);
    }),
  );
});
