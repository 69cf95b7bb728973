import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createStartTimes, startMsOf } from '../../../lib/core/plan/estimate.ts';
import { readPods } from '../../../lib/core/target/pod.ts';
import { readStatefulSet } from '../../../lib/core/target/stateful-set-facts.ts';
import { pod, statefulSet } from '../../builders.ts';

test('the time that a start takes follows a pod that was ready anew since the last look', () => {
  const set = statefulSet();
  const [first] = readPods([pod({ statefulSet: set, ordinal: 0 })], readStatefulSet(set));
  assert.ok(first !== undefined);
  const times = createStartTimes();
  const at = (readySince: string) => [{ ...first, createdAt: '2026-01-01T00:00:00Z', readySince }];
  for (const [readySince, expected] of [
    ['2026-01-01T00:00:21Z', 20_000],
    ['2026-01-01T00:00:21Z', 20_000],
    ['2026-01-01T00:01:01Z', 60_000],
  ] as const) {
    assert.equal(times(at(readySince)), expected);
    assert.equal(startMsOf(at(readySince)), expected);
  }
});
