import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { UsageError } from '../../../lib/core/errors.ts';
import { batchesOf, nextBatch } from '../../../lib/core/plan/batches.ts';
import {
  belowFloor,
  floorFor,
  floorOf,
  isNoFloor,
  neverAllowed,
  parseMinServing,
} from '../../../lib/core/safety/floor.ts';
import { ordinalSet } from '../../../lib/core/target/ordinals.ts';

describe('the floor', () => {
  it('is a number, or a share that is rounded up', () => {
    assert.deepEqual(parseMinServing('6'), { kind: 'count', count: 6 });
    assert.deepEqual(parseMinServing(' 100% '), { kind: 'percent', percent: 100 });
    assert.equal(floorOf({ kind: 'count', count: 6 }, 3), 6);
    assert.deepEqual(
      [2, 3, 10].map((replicas) => floorOf({ kind: 'percent', percent: 50 }, replicas)),
      [1, 2, 5],
    );
    assert.equal(floorOf({ kind: 'percent', percent: 1 }, 10), 1);
  });
  it('refuses more than all, and what is no number', () => {
    for (const text of ['101%', '-1', '1.5', '', 'half', '%', '50%%'])
      assert.throws(() => parseMinServing(text), UsageError);
  });
  it('is none only when it was given as 0', () => {
    assert.deepEqual(
      ['0', '0%', '1', '1%'].map((text) => isNoFloor(parseMinServing(text))),
      [true, true, false, false],
    );
    assert.equal(isNoFloor(undefined), false);
  });
  it('is half, or more where a budget wants more: one that wants less, or none yet, is no leave to drain', () => {
    const floors = (asked?: string) =>
      [undefined, 0, 1, 8].map((budget) =>
        floorFor({ asked: asked === undefined ? undefined : parseMinServing(asked), budget }, 10),
      );
    assert.deepEqual(floors(), [5, 5, 5, 8]);
    assert.deepEqual(floors('2'), [2, 2, 2, 2]);
  });
  it("is only ever raised by a workload's own", () => {
    const raises = { ...parseMinServing('6'), raises: true as const };
    const wish = (budget?: number) => ({ asked: raises, budget });
    assert.deepEqual([floorFor(wish(), 10), floorFor(wish(), 14), floorFor(wish(8), 10)], [6, 7, 8]);
    fc.assert(
      fc.property(fc.nat(40), fc.nat(40), fc.nat(40), (count, budget, replicas) => {
        const asked = { kind: 'count' as const, count, raises: true as const };
        const floor = floorFor({ asked, budget }, replicas);
        assert.ok(floor >= floorFor({ asked: undefined, budget }, replicas));
      }),
    );
  });
  it('holds when exactly as many go on serving, and not with one less', () => {
    const at = (serving: number[]) => belowFloor([{ where: 'here', serving, leaving: [0, 1, 2], floor: 2 }]);
    assert.deepEqual(at([3, 4]), []);
    assert.deepEqual(
      at([4]).map(({ rule, message, override }) => [rule, message, override]),
      [
        [
          'floor',
          'here: only 1 backend would keep serving (ordinal 4), the floor is 2: at most 2 at a time (ordinals 0,1)',
          '--min-serving 1',
        ],
      ],
    );
    assert.match(at([])[0]?.message ?? '', /only 0 backends would keep serving, the floor is 2/);
  });
  it('names the batch or the window that it allows, as the operator asked for one or the other', () => {
    const cure = (windowed: boolean) =>
      String(neverAllowed('nginx', { all: 6, floor: 3, largest: 5, windowed })[0]?.cure).replace(/ {3}#.*/, '');
    assert.equal(cure(false), 'kubectl zeroloss plan nginx --batch 3');
    assert.equal(cure(true), 'kubectl zeroloss plan nginx --max-unavailable 3');
  });
});

describe('batches', () => {
  it('are taken lowest first, in any order of the pods, and the last may be smaller', () => {
    assert.deepEqual(nextBatch([9, 0, 10, 2], 3), [0, 2, 9]);
    assert.deepEqual(batchesOf([9, 0, 10, 2, 3], 2), [[0, 2], [3, 9], [10]]);
    assert.deepEqual(batchesOf([0, 1], 4), [[0, 1]]);
  });
  it('cover every ordinal once', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(50)), fc.integer({ min: 1, max: 7 }), (ordinals, size) => {
        const batches = batchesOf(ordinals, size);
        assert.deepEqual(batches.flat(), ordinalSet(ordinals));
        assert.ok(batches.every((batch) => batch.length > 0 && batch.length <= size));
      }),
    );
  });
  it('of nothing, or of no size, are none', () => {
    assert.deepEqual([nextBatch([0, 1], 0), nextBatch([0, 1], -1), nextBatch([], 2)], [[], [], []]);
    assert.deepEqual([batchesOf([0, 1], 0), batchesOf([], 2)], [[], []]);
  });
});
