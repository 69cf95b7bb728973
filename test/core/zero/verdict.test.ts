import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { judge, MIN_POINTS, overall, type Verdict, windowMs } from '../../../lib/core/zero/verdict.ts';
import type { Cadence, Point } from '../../../lib/ports.ts';

const MINUTE = 60_000;
const INTERVAL: Cadence = { kind: 'interval', periodMs: MINUTE, settleMs: 2 * MINUTE };
const INSTANT: Cadence = { kind: 'instant', periodMs: 1000, settleMs: 0 };
const T0 = 1_700_000_040_000;

/** Minute points from `from` minutes after T0 on. */
const minutes = (values: (number | null)[], from = 1): Point[] =>
  values.map((value, index) => ({ atMs: T0 + (from + index) * MINUTE, value }));
const rule = (nowMinutes: number, more: object = {}) => ({
  zeroSinceMs: T0,
  nowMs: T0 + nowMinutes * MINUTE,
  stableForMs: 30_000,
  maxConnections: 0,
  ...more,
});

describe('the verdict of zero', () => {
  it('is zero after three whole settled minutes without a connection', () => {
    assert.equal(judge(minutes([0, 0, 0, 0, 0]), INTERVAL, rule(5)).verdict, 'zero');
  });
  it('does not count the newest two minutes, which may still change', () => {
    assert.equal(judge(minutes([0, 0, 0, 0]), INTERVAL, rule(4)).verdict, 'unknown');
  });
  it('but a connection in them spoils the zero', () => {
    assert.equal(judge(minutes([0, 0, 0, 0, 1]), INTERVAL, rule(5)).verdict, 'busy');
  });
  it('does not wait for ever for points that are merely late', () => {
    assert.equal(judge(minutes([0, 0, 0, null, null]), INTERVAL, rule(5)).verdict, 'zero');
  });
  it('does not count a minute that had begun before the weight was 0', () => {
    assert.equal(judge(minutes([0, 0, 0], 0), INTERVAL, rule(4)).verdict, 'unknown');
  });
  it('is unknown without any point', () => {
    assert.deepEqual(judge([], INTERVAL, rule(9)).verdict, 'unknown');
  });
  it('is unknown when the newest point is stale', () => {
    const verdict = judge(minutes([0, 0, 0, 0, 0]), INTERVAL, rule(30));
    assert.ok(verdict.verdict === 'unknown' && /stale/.test(verdict.because));
  });
  it('is unknown for points from the future: the clocks differ', () => {
    assert.equal(judge(minutes([0, 0, 0, 0, 0, 0, 0, 0]), INTERVAL, rule(3)).verdict, 'unknown');
  });
  it('takes a newest final point that is three periods late, and not one millisecond more', () => {
    const points = minutes([0, 0, 0, 0, 0]);
    assert.equal(judge(points, INTERVAL, rule(10)).verdict, 'zero');
    const verdict = judge(points, INTERVAL, { ...rule(10), nowMs: T0 + 10 * MINUTE + 1 });
    assert.ok(verdict.verdict === 'unknown' && /stale/.test(verdict.because));
  });
  it('takes an absent point for missing from the moment on at which it should be final', () => {
    const points = minutes([0, 0, 0, null]);
    assert.equal(judge(points, INTERVAL, { ...rule(6), nowMs: T0 + 6 * MINUTE - 1 }).verdict, 'zero');
    const verdict = judge(points, INTERVAL, rule(6));
    assert.ok(verdict.verdict === 'unknown' && /no value/.test(verdict.because));
  });
  it('is unknown for a moment that comes twice', () => {
    const points = minutes([0, 0, 0, 0, 0, 0]);
    const verdict = judge([...points.slice(0, 2), ...points.slice(1)], INTERVAL, rule(6));
    assert.ok(verdict.verdict === 'unknown' && /out of order/.test(verdict.because));
  });
  it('forgives a clock that is one period behind the points, and not two', () => {
    assert.equal(judge(minutes([0, 0, 0, 0, 0, 0]), INTERVAL, rule(5)).verdict, 'zero');
    const verdict = judge(minutes([0, 0, 0, 0, 0, 0, 0]), INTERVAL, rule(5));
    assert.ok(verdict.verdict === 'unknown' && /future/.test(verdict.because));
  });
  it('takes three readings at least, however short the stability window was asked to be', () => {
    const readings = [0, 1, 2].map((second) => ({ atMs: T0 + second * 1000, value: 0 }));
    const short = { zeroSinceMs: T0, stableForMs: 1000, maxConnections: 0 };
    assert.equal(judge(readings.slice(0, 2), INSTANT, { ...short, nowMs: T0 + 1000 }).verdict, 'unknown');
    assert.equal(judge(readings, INSTANT, { ...short, nowMs: T0 + 2000 }).verdict, 'zero');
  });
  it('takes an infinite count for unknown, not for many connections', () => {
    assert.equal(judge(minutes([0, 0, 0, 0, Number.POSITIVE_INFINITY]), INTERVAL, rule(5)).verdict, 'unknown');
  });
  it('accepts a constant that the operator named, and nothing above it', () => {
    assert.equal(judge(minutes([2, 2, 2, 2, 2]), INTERVAL, rule(5, { maxConnections: 2 })).verdict, 'zero');
    assert.equal(judge(minutes([2, 3, 2, 2, 2]), INTERVAL, rule(5, { maxConnections: 2 })).verdict, 'busy');
  });
  it('of an instant source takes the whole stability window, measured between readings', () => {
    const readings = Array.from({ length: 31 }, (_, index) => ({ atMs: T0 + index * 1000, value: 0 }));
    assert.equal(judge(readings, INSTANT, rule(0.5)).verdict, 'zero');
    assert.equal(judge(readings.slice(0, 30), INSTANT, { ...rule(0), nowMs: T0 + 29_000 }).verdict, 'unknown');
  });
});

describe('a reading that takes time', () => {
  /** Readings that begin every three seconds. */
  const slow = (count: number, tookMs: number): Point[] =>
    Array.from({ length: count }, (_, index) => ({
      atMs: T0 + index * 3000,
      untilMs: T0 + index * 3000 + tookMs,
      value: 0,
    }));
  const SLOW: Cadence = { kind: 'instant', periodMs: 3000, settleMs: 0 };
  const judged = (points: readonly Point[]) =>
    judge(points, SLOW, { ...rule(0), nowMs: points.at(-1)?.untilMs ?? T0, stableForMs: 30_000 });

  it('begins a run of zeros with its end, and ends one with its beginning', () => {
    assert.equal(judged(slow(11, 0)).verdict, 'zero');
    const { verdict, filledMs } = judged(slow(11, 700));
    assert.deepEqual([verdict, filledMs], ['unknown', 29_300]);
    assert.equal(judged(slow(12, 700)).verdict, 'zero');
    assert.equal(judged(slow(1, 700)).filledMs, 0);
  });
  it('is no gap, and is not stale, however long it takes', () => {
    assert.equal(judged(slow(14, 8000)).verdict, 'zero');
  });
  it('proves no more than what every moment of it would prove', () => {
    const reading = fc.record({
      pauseMs: fc.integer({ min: 1, max: 2000 }),
      tookMs: fc.integer({ min: 0, max: 4000 }),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(reading, { minLength: 3, maxLength: 30 }), fc.nat(60_000), (readings, lastedMs) => {
        let nowMs = T0;
        const points = readings.map(({ pauseMs, tookMs, share }): Point => {
          const atMs = nowMs + pauseMs;
          nowMs = atMs + tookMs;
          return { atMs, untilMs: nowMs, value: atMs + share * tookMs < T0 + lastedMs ? 1 : 0 };
        });
        const { filledMs } = judge(points, SLOW, { ...rule(0), nowMs, stableForMs: 10_000 });
        if (filledMs > 0) assert.ok((points.at(-1)?.atMs ?? 0) - filledMs >= T0 + lastedMs);
      }),
      { numRuns: 2000 },
    );
  });
});

const values = fc.array(
  fc.oneof(
    fc.constant(0),
    fc.constant(0),
    fc.integer({ min: 1, max: 5 }),
    fc.constantFrom(null, Number.NaN, -1, Number.POSITIVE_INFINITY),
  ),
  { maxLength: 14 },
);

describe('laws of zero', () => {
  it('no stability window with a busy, missing, negative or non-finite point is zero', () => {
    fc.assert(
      fc.property(values, fc.integer({ min: 0, max: 6 }), (list, extra) => {
        const points = minutes(list);
        const nowMs = T0 + (list.length + extra) * MINUTE;
        const verdict = judge(points, INTERVAL, { zeroSinceMs: T0, nowMs, stableForMs: 30_000, maxConnections: 0 });
        if (verdict.verdict !== 'zero') return;
        const final = points.filter((point) => point.atMs <= nowMs - INTERVAL.settleMs);
        const window = final.slice(-MIN_POINTS);
        assert.equal(window.length, MIN_POINTS);
        for (const point of window) assert.equal(point.value, 0);
        for (const point of points.filter((each) => each.atMs > nowMs - INTERVAL.settleMs))
          assert.ok(point.value === 0 || point.value === null);
      }),
    );
  });
  it('taking out any point of a zero stability window ends it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 5, max: 12 }), fc.nat(), (count, pick) => {
        const points = minutes(Array.from({ length: count }, () => 0));
        const nowMs = T0 + count * MINUTE;
        const settled = count - 2;
        const gap = settled - 1 - (pick % (MIN_POINTS - 1));
        const broken = points.filter((_, index) => index !== gap - 1);
        const needed = { zeroSinceMs: T0, nowMs, stableForMs: MIN_POINTS * MINUTE, maxConnections: 0 };
        assert.equal(judge(points, INTERVAL, needed).verdict, 'zero');
        assert.notEqual(judge(broken, INTERVAL, needed).verdict, 'zero');
      }),
    );
  });
  it('two sources that take turns are zero only when each of them has filled the whole stability window itself', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 3, max: 40 }),
        fc.nat(),
        fc.constantFrom(INSTANT, INTERVAL),
        (count, pick, cadence) => {
          const points = Array.from({ length: count }, (_, index) => ({
            atMs: T0 + (index + 1) * cadence.periodMs,
            value: 0,
          }));
          const nowMs = T0 + count * cadence.periodMs;
          const needed = { zeroSinceMs: T0, nowMs, stableForMs: 10 * cadence.periodMs, maxConnections: 0 };
          const at = pick % (count + 1);
          const parts = [points.slice(0, at), points.slice(at)];
          const verdicts = parts.map((part) => judge(part, cadence, needed));
          if (overall(verdicts) !== 'zero') return;
          for (const part of parts) assert.ok(part.length >= 10, 'each part fills the window by itself');
        },
      ),
    );
  });
  it('a source whose points come slower or quicker than it says is zero only without a gap in its own measure', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 4, maxLength: 40 }), (steps) => {
        let atMs = T0;
        const points = steps.map((seconds) => {
          atMs += seconds * 1000;
          return { atMs, value: 0 };
        });
        const verdict = judge(points, INSTANT, { zeroSinceMs: T0, nowMs: atMs, stableForMs: 8000, maxConnections: 0 });
        if (verdict.verdict !== 'zero') return;
        const window = points.filter((point) => point.atMs >= atMs - 8000);
        for (const [index, point] of window.entries())
          if (index > 0) assert.ok(point.atMs - (window[index - 1]?.atMs ?? 0) <= 2500);
      }),
    );
  });
  it('unordered points are unknown', () => {
    const points = minutes([0, 0, 0, 0, 0, 0]);
    assert.equal(judge([points[1]!, points[0]!, ...points.slice(2)], INTERVAL, rule(6)).verdict, 'unknown');
  });
  it('a stability window is never shorter than three periods', () => {
    assert.equal(windowMs(INTERVAL, 1000), 3 * MINUTE);
    assert.equal(windowMs(INTERVAL, 10 * MINUTE), 10 * MINUTE);
    assert.equal(windowMs(INTERVAL, 3.5 * MINUTE), 4 * MINUTE);
  });
  it('all together are zero only if there is one and every one is', () => {
    const [yes, busy, unknown]: Verdict[] = [
      { verdict: 'zero', value: 0, filledMs: 1, neededMs: 1 },
      { verdict: 'busy', value: 1, filledMs: 0, neededMs: 1 },
      { verdict: 'unknown', because: '', filledMs: 0, neededMs: 1 },
    ];
    assert.equal(overall([]), 'unknown');
    assert.equal(overall([yes!, yes!]), 'zero');
    assert.equal(overall([yes!, unknown!]), 'unknown');
    assert.equal(overall([yes!, unknown!, busy!]), 'busy');
  });
});
