import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Cadence, Point } from '../../../lib/core/zero/connection-series.ts';
import { judge } from '../../../lib/core/zero/verdict.ts';
import { type CarriedRun, lastingPoints, notJoinedBecause, runToCarry } from '../../../lib/core/zero/zero-run.ts';
import { TREND_MS, trendOf } from '../../../lib/core/zero/zero-view.ts';

const T0 = 1_700_000_040_000;
const INSTANT: Cadence = { kind: 'instant', periodMs: 1000, settleMs: 0 };
const WHOLE: CarriedRun = { fromMs: T0, lastMs: T0 + 30_000, widestMs: 1000 };

const judged = (carried: CarriedRun, own: readonly Point[], more: object = {}) =>
  judge(own, INSTANT, {
    ...{ zeroSinceMs: T0, nowMs: own.at(-1)?.atMs ?? T0, stableForMs: 30_000, maxConnections: 0, carried },
    ...more,
  });
const atZero = (atMs: number): Point => ({ atMs, value: 0 });

describe('a run that was carried over', () => {
  it('fills the stability window with one reading, where that joins it without a gap', () => {
    const at = judged(WHOLE, [atZero(T0 + 32_500)]);
    assert.equal(at.verdict, 'zero');
    assert.equal(at.filledMs, 32_500);
    assert.equal(judged(WHOLE, [atZero(T0 + 32_501)]).verdict, 'unknown');
  });

  it('goes on until a longer stability window is full', () => {
    const more = { stableForMs: 33_000 };
    assert.equal(judged(WHOLE, [atZero(T0 + 31_000)], more).verdict, 'unknown');
    assert.equal(
      judged(
        WHOLE,
        [31_000, 32_000, 33_000].map((ms) => atZero(T0 + ms)),
        more,
      ).verdict,
      'zero',
    );
  });

  it('takes the place of no reading', () => {
    assert.equal(judged(WHOLE, []).verdict, 'unknown');
    assert.equal(judged(WHOLE, [{ atMs: T0 + 31_000, value: 1 }]).verdict, 'busy');
    assert.equal(judged(WHOLE, [{ atMs: T0 + 31_000, value: null }]).verdict, 'unknown');
    assert.equal(judged(WHOLE, [{ atMs: T0 + 31_000, value: -1 }]).verdict, 'unknown');
  });

  it('is worth nothing once a reading since then was no zero, or is missing', () => {
    for (const value of [1, null])
      assert.notEqual(judged(WHOLE, [{ atMs: T0 + 31_000, value }, atZero(T0 + 32_000)]).verdict, 'zero');
    assert.notEqual(judged(WHOLE, [atZero(T0 + 31_000), atZero(T0 + 34_000)]).verdict, 'zero');
  });

  it('is not joined where it began before the weight was seen at 0, at another pace, or from the future', () => {
    assert.equal(judged({ ...WHOLE, fromMs: T0 - 1 }, [atZero(T0 + 31_000)]).verdict, 'unknown');
    assert.equal(judged({ ...WHOLE, widestMs: 2501 }, [atZero(T0 + 31_000)]).verdict, 'unknown');
    assert.equal(judged(WHOLE, [atZero(T0 + 29_999)]).verdict, 'unknown');
  });

  it('is of no use to a source that has a memory of its own', () => {
    const monthly: Cadence = { kind: 'interval', periodMs: 60_000, settleMs: 0 };
    assert.match(
      notJoinedBecause(WHOLE, T0 + 31_000, { cadence: monthly, zeroSinceMs: T0 }) ?? '',
      /memory of its own/,
    );
  });

  it('begins with the end of its first reading, ends with the beginning of its last, and is none where they are the same', () => {
    const slow = [0, 1000, 2000].map((ms): Point => ({ atMs: T0 + ms, untilMs: T0 + ms + 300, value: 0 }));
    const rule = { maxConnections: 0, zeroSinceMs: T0 };
    assert.deepEqual(runToCarry(slow, INSTANT, rule), { fromMs: T0 + 300, lastMs: T0 + 2000, widestMs: 1000 });
    assert.equal(runToCarry(slow.slice(2), INSTANT, rule), undefined);
  });

  it('says how old it is where there is a gap', () => {
    const why = notJoinedBecause(WHOLE, T0 + 41_240, { cadence: INSTANT, zeroSinceMs: T0 });
    assert.equal(why, 'its last reading is 11.3s old, and more than 2.5s is a gap');
  });

  it('gives the verdict that all readings of both commands together would have given, and never a better one', () => {
    const reading = fc.record({
      pauseMs: fc.integer({ min: 1, max: 3000 }),
      tookMs: fc.constantFrom(0, 0, 40, 900),
      value: fc.constantFrom<number | null>(0, 0, 0, 0, 0, 0, 0, 0, 1, null),
    });
    interface Slow {
      pauseMs: number;
      tookMs: number;
      value: number | null;
    }
    const series = (readings: readonly Slow[], fromMs: number): Point[] => {
      let nowMs = fromMs;
      return readings.map(({ pauseMs, tookMs, value }) => {
        const atMs = nowMs + pauseMs;
        nowMs = atMs + tookMs;
        return { atMs, untilMs: nowMs, value };
      });
    };
    fc.assert(
      fc.property(
        fc.array(reading, { minLength: 3, maxLength: 20 }),
        fc.array(reading, { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 0, max: 20_000 }),
        fc.integer({ min: 0, max: 5000 }),
        (before, after, stableForMs, sinceMs) => {
          const first = series(before, T0);
          const second = series(after, first.at(-1)?.untilMs ?? T0);
          const rule = { zeroSinceMs: T0 + sinceMs, stableForMs, maxConnections: 0 };
          const nowMs = second.at(-1)?.untilMs ?? 0;
          const carried = runToCarry(first, INSTANT, rule);
          const proved = judge(first, INSTANT, { ...rule, nowMs: first.at(-1)?.atMs ?? 0 }).verdict === 'zero';
          fc.pre(proved && carried !== undefined);
          const apart = judge(second, INSTANT, { ...rule, nowMs, carried });
          const together = judge([...first, ...second], INSTANT, { ...rule, nowMs });
          assert.equal(apart.verdict, together.verdict);
          assert.equal(apart.filledMs, together.filledMs);
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe('the points that last', () => {
  it('give at every reading the verdict, the proof and the trend that all points would have given', () => {
    const reading = fc.record({
      pauseMs: fc.constantFrom(1_000, 2_000, 2_500, 3_000, 20_000),
      value: fc.constantFrom<number | null>(0, 0, 0, 0, 0, 1, 3, null, -1),
    });
    fc.assert(
      fc.property(
        fc.array(reading, { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 0, max: 60_000 }),
        fc.constantFrom(0, 1),
        (readings, sinceMs, maxConnections) => {
          const rule = { zeroSinceMs: T0 + sinceMs, stableForMs: 10_000, maxConnections };
          let all: readonly Point[] = [];
          let kept: readonly Point[] = [];
          let nowMs = T0;
          for (const { pauseMs, value } of readings) {
            nowMs += pauseMs;
            all = [...all, { atMs: nowMs, value }];
            kept = lastingPoints([...kept, { atMs: nowMs, value }], INSTANT, {
              maxConnections,
              trendMs: TREND_MS,
            });
            const counted = ({ value: each }: Point) => each !== null;
            assert.deepEqual(judge(kept, INSTANT, { ...rule, nowMs }), judge(all, INSTANT, { ...rule, nowMs }));
            assert.deepEqual(runToCarry(kept, INSTANT, rule), runToCarry(all, INSTANT, rule));
            assert.equal(trendOf(kept), trendOf(all));
            assert.deepEqual(kept.findLast(counted), all.findLast(counted));
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it('are those of the last half minute while a pod is held for hours', () => {
    let kept: readonly Point[] = [];
    for (let atMs = T0; atMs < T0 + 3 * 3_600_000; atMs += 1000)
      kept = lastingPoints([...kept, { atMs, value: 2 }], INSTANT, { maxConnections: 0, trendMs: TREND_MS });
    assert.equal(kept.length, 31);
  });
});
