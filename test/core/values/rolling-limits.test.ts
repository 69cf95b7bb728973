import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fencepostsOf, rolloutBounds } from '../../../lib/core/values/rolling-limits.ts';

test('maxSurge rounds up and maxUnavailable rounds down: ten replicas with a quarter each are 13 at most and 8 at least', () => {
  assert.deepEqual(rolloutBounds({ maxSurge: '25%', maxUnavailable: '25%' }, 10), { most: 13, fewest: 8 });
  assert.deepEqual(rolloutBounds({}, 10), { most: 13, fewest: 8 });
});

test('three replicas keep three or two serving, and one replica with 1 and 1 may keep none', () => {
  assert.deepEqual(rolloutBounds({ maxSurge: 1, maxUnavailable: 0 }, 3), { most: 4, fewest: 3 });
  assert.deepEqual(rolloutBounds({ maxSurge: 1, maxUnavailable: 1 }, 3), { most: 4, fewest: 2 });
  assert.deepEqual(rolloutBounds({ maxSurge: 1, maxUnavailable: 1 }, 1), { most: 2, fewest: 0 });
  assert.deepEqual(rolloutBounds({ maxSurge: 1, maxUnavailable: 0 }, 1), { most: 2, fewest: 1 });
});

test('when both shares come out as nothing, one pod may be missing, so that the rollout can move', () => {
  assert.deepEqual(fencepostsOf({ maxSurge: '0%', maxUnavailable: '10%' }, 5), { maxSurge: 0, maxUnavailable: 1 });
  assert.deepEqual(fencepostsOf({ maxSurge: 0, maxUnavailable: '0%' }, 0), { maxSurge: 0, maxUnavailable: 0 });
});

test('with any strategy, a rollout can move and its floor is never negative', () => {
  const share = fc.oneof(
    fc.nat(20),
    fc.nat(100).map((percent) => `${percent}%`),
  );
  fc.assert(
    fc.property(share, share, fc.integer({ min: 1, max: 200 }), (maxSurge, maxUnavailable, replicas) => {
      const { most, fewest } = rolloutBounds({ maxSurge, maxUnavailable }, replicas);
      assert.ok(fewest >= 0 && fewest <= replicas && most >= replicas && most > fewest);
    }),
  );
});
