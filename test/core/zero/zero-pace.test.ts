import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { judge } from '../../../lib/core/zero/verdict.ts';
import { lookBackMs, nextReadMs, type PacedSeries } from '../../../lib/core/zero/zero-pace.ts';
import type { Cadence, Point } from '../../../lib/ports.ts';

const MINUTE = 60_000;
const INTERVAL: Cadence = { kind: 'interval', periodMs: MINUTE, settleMs: 2 * MINUTE };
const INSTANT: Cadence = { kind: 'instant', periodMs: 3000, settleMs: 0 };
/** A whole minute of the epoch. */
const T0 = 1_700_000_040_000;
const rule = { stableForMs: 30_000, maxConnections: 0 };

const series = (values: (number | null)[], more: Partial<PacedSeries> = {}): PacedSeries => ({
  points: values.map((value, index): Point => ({ atMs: T0 + index * MINUTE, value })),
  cadence: INTERVAL,
  zeroSinceMs: T0,
  ...more,
});
/** Minutes after T0. */
const next = (all: readonly PacedSeries[], readAtMinutes: number, more: object = {}): number =>
  (nextReadMs(all, { ...rule, ...more }, T0 + readAtMinutes * MINUTE) - T0) / MINUTE;

describe('a source is read again', () => {
  it('at every look when it counts moments, and when it has returned nothing yet', () => {
    assert.equal(next([series([0], { cadence: INSTANT })], 1.5), 1.5);
    assert.equal(next([series([0]), series([0], { cadence: INSTANT })], 1.5), 1.5);
    assert.equal(next([], 1.5), 1.5);
  });
  it('once a period while one more settled period could make it zero', () => {
    // Points 1, 2 and 3 have to be quiet, and the last of them is final two minutes after it.
    assert.equal(next([series([0, 0, 0, null])], 5.1), 6);
    assert.equal(next([series([0, 0, 0, 0])], 5), 6);
  });
  it('not before the stability window can be full, but every second period for a live view', () => {
    assert.equal(next([series([])], 0.3), 2);
    assert.equal(next([series([0])], 2.1), 4);
    assert.equal(next([series([0, 0, 0])], 4.1), 5);
  });
  it('later when a connection was seen: the stability window begins after it', () => {
    assert.equal(next([series([0, 0, 0, 5])], 4.1), 6);
    assert.equal(next([series([0, 0, 5, 0, 0])], 5.1), 7);
    assert.equal(next([series([0, 0, 5, 0, 0, 0])], 6.1), 7);
  });
  it('not sooner for a connection that ended before the weight was 0', () => {
    assert.equal(next([series([5, 0, 0, 0], { zeroSinceMs: T0 + 2.5 * MINUTE })], 4.1), 6);
  });
  it('as soon for a constant that the operator accepts as for none at all', () => {
    assert.equal(next([series([2, 2, 2, 2])], 4.1, { maxConnections: 2 }), 5);
    assert.equal(next([series([2, 2, 2, 3])], 4.1, { maxConnections: 2 }), 6);
  });
  it('when the last of several can be at zero, for all of them together', () => {
    assert.equal(next([series([0, 0, 0, 0]), series([0, 0, 0, 0], { zeroSinceMs: T0 + MINUTE })], 4.1), 6);
  });
  it('by the beat of its own points, where that is not the whole minute', () => {
    const points = [0, 0, 0].map((value, index) => ({ atMs: T0 + 15_000 + index * MINUTE, value }));
    assert.equal(next([series([], { points })], 3.5), 5.25);
    assert.equal(next([series([], { points, zeroSinceMs: T0 - 2 * MINUTE })], 3.5), 4.25);
  });
  it('with a longer stability window later, and with a shorter period sooner', () => {
    assert.equal(next([series([0, 0, 0])], 4.1, { stableForMs: 5 * MINUTE }), 6);
    const quick: Cadence = { kind: 'interval', periodMs: 10_000, settleMs: 20_000 };
    assert.equal(nextReadMs([{ points: [], cadence: quick, zeroSinceMs: T0 }], rule, T0 + 1000) - T0, 20_000);
  });
  it('in time: no zero is found later than by asking at every look, but for the looks of one period', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 59 }),
        fc.array(fc.constantFrom(0, 0, 0, 4), { maxLength: 12 }),
        (seconds, list) => {
          const zeroSinceMs = T0 + seconds * 1000;
          const told = (nowMs: number): Point[] =>
            Array.from({ length: 40 }, (_, index) => ({ atMs: T0 + index * MINUTE, value: list[index] ?? 0 })).filter(
              ({ atMs }) => atMs >= zeroSinceMs && atMs + MINUTE <= nowMs,
            );
          let reads = 0;
          const wait = (isPaced: boolean): number => {
            let dueMs = 0;
            for (let nowMs = zeroSinceMs; ; nowMs += 10_000) {
              if (isPaced && nowMs < dueMs) continue;
              const points = told(nowMs);
              if (isPaced) reads += 1;
              if (judge(points, INTERVAL, { ...rule, zeroSinceMs, nowMs }).verdict === 'zero') return nowMs;
              dueMs = nextReadMs([{ points, cadence: INTERVAL, zeroSinceMs }], rule, nowMs);
              assert.ok(dueMs > nowMs);
            }
          };
          const soonest = wait(false);
          const paced = wait(true);
          assert.ok(paced - soonest <= MINUTE, `${(paced - soonest) / 1000} s later`);
          assert.ok(reads <= (soonest - zeroSinceMs) / MINUTE + 1, `${reads} readings`);
        },
      ),
    );
  });
});

describe('a reading looks back', () => {
  it('over the whole stability window, and at least an hour: never over all of a long wait', () => {
    assert.equal(lookBackMs(INTERVAL, 30_000), 3_630_000);
    assert.equal(lookBackMs(undefined, 30_000), 3_630_000);
    const slow: Cadence = { kind: 'interval', periodMs: 20 * MINUTE, settleMs: 40 * MINUTE };
    assert.equal(lookBackMs(slow, 0), (3 + 2 + 5) * 20 * MINUTE);
  });
});
