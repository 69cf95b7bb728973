import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { boundRows } from '../../../bench/rollout/bound-rows.ts';
import { boundsOf } from '../../../bench/rollout/bounds.ts';
import { connectionLengths, DISTRIBUTIONS, MEDIAN_MS } from '../../../bench/rollout/lengths.ts';

describe('the bounds of a rollout', () => {
  it('are the sum over the places or the longest pod, the slowest pod of each batch, and the order of the ordinals', () => {
    assert.deepEqual(boundsOf([4, 1, 1, 2], 2), { windowMs: 4, batchesMs: 6, idealMs: 4 });
    assert.deepEqual(boundsOf([1, 1, 1, 5], 2), { windowMs: 5, batchesMs: 6, idealMs: 6 });
    assert.deepEqual(boundsOf([2, 2, 2], 10), { windowMs: 2, batchesMs: 2, idealMs: 2 });
  });

  it('hold in this order for every upgrade: the window, an operator without delays, batches', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 1, max: 12 }),
        (own, size) => {
          const { windowMs, idealMs, batchesMs } = boundsOf(own, size);
          assert.ok(windowMs <= idealMs && idealMs <= batchesMs);
        },
      ),
    );
  });
});

describe('the connections of a rollout', () => {
  it('have the same median in each distribution, and are the same for the same seed', () => {
    for (const distribution of DISTRIBUTIONS) {
      const lengths = connectionLengths(distribution, 20_001, 7);
      const middle = lengths.toSorted((a, b) => a - b)[10_000] ?? 0;
      assert.ok(Math.abs(middle / MEDIAN_MS - 1) < 0.05, `${distribution}: ${middle}`);
      assert.deepEqual(connectionLengths(distribution, 20_001, 7), lengths);
      assert.notDeepEqual(connectionLengths(distribution, 20_001, 8), lengths);
    }
  });
});

it('by their bounds, batches take at least 1.5 times as long as the window for lognormal connections, for each of twenty seeds', () => {
  const [heading, ...rows] = boundRows([100, 1000], 20);
  assert.equal(heading?.at(-1), 'least');
  const lognormal = rows.filter(([name]) => name?.endsWith('lognormal'));
  assert.equal(lognormal.length, 4);
  for (const row of lognormal) assert.ok(Number(row.at(-1)) >= 1.5, row.join(' '));
});
