import assert from 'node:assert/strict';
import { test } from 'node:test';
import { leastTimeRows, measureLeastTimes } from '../../../bench/rollout/least-times.ts';

test('the least time that plan tells is never above what an upgrade of ten or a hundred pods takes, and within 15 % of it', async () => {
  const times = await measureLeastTimes();
  assert.equal(times.length, 8);
  for (const { leastMs, tookMs, ...kind } of times) {
    assert.ok(leastMs > 0 && leastMs <= tookMs, JSON.stringify({ ...kind, leastMs, tookMs }));
    assert.ok(tookMs <= 1.15 * leastMs, JSON.stringify({ ...kind, leastMs, tookMs }));
  }
  assert.equal(leastTimeRows(times).length, 9);
});
