import assert from 'node:assert/strict';
import { test } from 'node:test';
import { batchLimits, overheadOf, type PodTimes } from '../../../bench/parts/physical-limit.ts';

/** Two pods one after the other: written at 1 s, at 0 after `lagMs`, busy and started for so long. */
function replaced(ordinal: number, fromMs: number, busyMs: number, startMs: number): PodTimes[] {
  const zeroMs = fromMs + 300;
  const deletedMs = zeroMs + 9000;
  return [
    { ordinal, createdMs: 0, readyMs: 1, writtenMs: fromMs, zeroMs, lastBusyMs: zeroMs + busyMs, deletedMs },
    { ordinal, createdMs: deletedMs + 100, readyMs: deletedMs + 100 + startMs },
  ];
}

const TIMES = [...replaced(0, 1000, 4000, 2000), ...replaced(1, 1000, 5000, 1500), ...replaced(2, 20_000, 0, 2500)];

test('a batch is as slow as its slowest pod in each respect, and what came after the last connection is no limit', () => {
  assert.deepEqual(batchLimits(TIMES, 2), [
    { lagMs: 300, longestMs: 5000, slowestStartMs: 2000, reactionMs: 4000, replaceMs: 100 },
    { lagMs: 300, longestMs: 0, slowestStartMs: 2500, reactionMs: 9000, replaceMs: 100 },
  ]);
});

test('the overhead is what it took beyond the sum of the limits', () => {
  const overhead = overheadOf(batchLimits(TIMES, 2), 20_200);
  assert.deepEqual([overhead.batches, overhead.limitMs, overhead.reactionMs], [2, 10_100, 13_000]);
  assert.equal(overhead.overheadPercent, 100);
});

test('a pod that was not drained, or not replaced by a ready one, is no upgrade', () => {
  assert.throws(() => batchLimits(TIMES.slice(0, 1), 1), /pod 0 was not replaced/);
  assert.throws(() => batchLimits([{ ordinal: 3, createdMs: 0, readyMs: 1 }], 1), /pod 3 was not drained/);
});
