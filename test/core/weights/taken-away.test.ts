import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Facts } from '../../../lib/core/facts/facts.ts';
import { takenAway, weightedPods } from '../../../lib/core/weights/taken-away.ts';

type Part = Parameters<typeof takenAway>[0];
const set = { updateRevision: 'new' } as Facts['set'];
const factsOf = (uids: readonly string[], drainSet: readonly number[], byHand: readonly number[] = []): Part => ({
  set,
  pods: uids.map((uid, ordinal) => ({ uid, ordinal, revision: 'new', leaves: false }) as Facts['pods'][number]),
  drainSet,
  byHand,
});
const ordinals = fc.uniqueArray(fc.nat(5)).map((all) => all.toSorted());
const uids = ['a', 'b', 'c', 'd', 'e', 'f'];

describe('an updated pod at weight 0', () => {
  it('was drained by another writer where it had its weight at the look before, and this run has not drained it', () => {
    fc.assert(
      fc.property(ordinals, ordinals, ordinals, ordinals, (before, now, own, byHand) => {
        const weighted = new Set(weightedPods(factsOf(uids, before)));
        const expected = now.filter((each) => ![before, own, byHand].some((those) => those.includes(each)));
        assert.deepEqual(takenAway(factsOf(uids, now, byHand), weighted, new Set(own)), expected);
      }),
    );
  });

  it('that this run or a killed one has drained and replaced is none of another writer: the replacement never had a weight', () => {
    const weighted = new Set(weightedPods(factsOf(uids, [])));
    assert.deepEqual(takenAway(factsOf(['a', 'replaced', 'c'], [1]), weighted, new Set()), []);
    assert.deepEqual(takenAway(factsOf(uids, [1]), new Set(), new Set()), []);
  });
});
