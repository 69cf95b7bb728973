import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judge } from '../../lib/core/zero/verdict.ts';
import { cadenceOfMoments } from '../../lib/sources/moments.ts';

const verdictAt = (pods: number, everyMs: number): string => {
  const points = Array.from({ length: 20 }, (_, index) => ({ atMs: index * everyMs, value: 0 }));
  const nowMs = points.at(-1)?.atMs ?? 0;
  return judge(points, cadenceOfMoments(pods), { zeroSinceMs: 0, nowMs, stableForMs: 30_000, maxConnections: 0 })
    .verdict;
};

test('a hundred pods that take nine seconds to look into come to zero; of three pods that is a gap', () => {
  assert.equal(verdictAt(100, 9000), 'zero');
  assert.equal(verdictAt(3, 9000), 'unknown');
  assert.equal(verdictAt(3, 3500), 'zero');
});

test('many pods are no excuse for looks that are missing', () => {
  assert.equal(verdictAt(100, 26_000), 'unknown');
});
