import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createStartTimes, estimated, startMsOf } from '../../../lib/core/plan/estimate.ts';
import { planUpgrade } from '../../../lib/core/plan/upgrade-plan.ts';
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

/** Of outdated pods that start together; `left`: of those that are drained already, how much of their 10 s is left. */
function windowMs(replicas: number, maxUnavailable: number, left: ReadonlyMap<number, number>): number {
  const set = statefulSet({ replicas, podManagementPolicy: 'Parallel' });
  const facts = readStatefulSet(set);
  const pods = readPods(
    Array.from({ length: replicas }, (_, ordinal) => pod({ statefulSet: set, ordinal })),
    facts,
  );
  const plan = planUpgrade(facts, pods, {
    ...{ images: { nginx: 'nginx:9' }, batch: maxUnavailable, maxUnavailable, surge: 0, soakMs: 0 },
    ...{ services: ['nginx'], countingWords: [], drainSet: [...left.keys()] },
  });
  assert.equal(plan.batches.flat().length, replicas);
  const { leastMs } = estimated(plan, {
    ...{ connections: new Map(), zeroMs: 10_000, zeroLeftMs: left, startMs: 5_000, soakMs: 0 },
  });
  return leastMs ?? Number.NaN;
}

test('a pod that is drained already makes no wait of the other pods shorter', () => {
  assert.equal(windowMs(6, 2, new Map()), 45_000);
  assert.equal(windowMs(6, 2, new Map([[0, 0]])), 45_000);
  assert.equal(
    windowMs(
      6,
      2,
      new Map([
        [0, 0],
        [1, 0],
      ]),
    ),
    35_000,
  );
});

test('the least time of a window is never more than a run takes that begins the next pod as soon as a place is free', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 30 }),
      fc.integer({ min: 1, max: 8 }),
      fc.array(fc.integer({ min: 0, max: 10_000 }), { maxLength: 10 }),
      (replicas, size, lefts) => {
        const left = new Map(lefts.slice(0, replicas).map((ms, ordinal) => [ordinal, ms]));
        const ends = [...left.values()].map((ms) => ms + 5_000);
        for (let begun = left.size; begun < replicas; begun += 1) {
          const free = ends.toSorted((a, b) => b - a)[size - 1] ?? 0;
          ends.push(free + 15_000);
        }
        const leastMs = windowMs(replicas, size, left);
        assert.ok(leastMs <= Math.max(...ends), `${leastMs} of ${Math.max(...ends)} ms`);
      },
    ),
  );
});
