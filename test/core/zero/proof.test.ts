import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Cadence } from '../../../lib/core/zero/connection-series.ts';
import { believeProof, type ProofMoments, type ProofTerms, proofRecord } from '../../../lib/core/zero/proof.ts';
import { judge } from '../../../lib/core/zero/verdict.ts';

const T0 = 1_700_000_040_000;
const INSTANT: Cadence = { kind: 'instant', periodMs: 1000, settleMs: 0 };
const terms = (change: Partial<ProofTerms> = {}): ProofTerms => ({
  rule: 'pod; max 0',
  counted: new Map([['uid-0', 'c1 lb-1/lbl-1 10.0.0.1:80']]),
  ...change,
});
const moments = (change: Partial<ProofMoments> = {}): ProofMoments => ({
  machine: 'm1',
  aheadMs: 0,
  runs: new Map([['uid-0', { fromMs: T0, lastMs: T0 + 30_000 }]]),
  ...change,
});
/** As the annotation keeps it: through its text. */
const kept = (change: Partial<ProofMoments> = {}): unknown =>
  JSON.parse(JSON.stringify(proofRecord(terms(), moments(change)) ?? null));
const here = { machine: 'm1', aheadMs: 0 };

describe('the proof that wait-zero leaves', () => {
  it('is believed as it was, on the machine that made it', () => {
    const { runs, because } = believeProof(kept(), terms(), here);
    assert.deepEqual([...runs], [['uid-0', { fromMs: T0, lastMs: T0 + 30_000 }]]);
    assert.deepEqual(because, []);
  });

  it('of a machine whose clock is off comes back by that same clock, to the millisecond', () => {
    const record = kept({ aheadMs: 300_500, runs: new Map([['uid-0', { fromMs: T0, lastMs: T0 + 30_000 }]]) });
    const { runs } = believeProof(record, terms(), { machine: 'm1', aheadMs: 300_100 });
    assert.equal(runs.get('uid-0')?.lastMs, T0 + 30_000 + 300_500);
  });

  it('is void once the clock was set', () => {
    const { runs, because } = believeProof(kept(), terms(), { machine: 'm1', aheadMs: -60_000 });
    assert.equal(runs.size, 0);
    assert.match(because.join(), /clock of this machine was set/);
  });

  it('of another machine claims two seconds less at either end', () => {
    const { runs } = believeProof(kept(), terms(), { machine: 'm2', aheadMs: 0 });
    assert.deepEqual(runs.get('uid-0'), { fromMs: T0 + 2000, lastMs: T0 + 28_000 });
  });

  for (const [what, found] of [
    ['other sources or settings', terms({ rule: 'pod --ignore-port metrics; max 0' })],
    ['another number of connections that is accepted', terms({ rule: 'pod; max 5' })],
    ['another container or another backend', terms({ counted: new Map([['uid-0', 'c2 lb-1/lbl-1 10.0.0.1:80']]) })],
    ['another UID', terms({ counted: new Map([['uid-9', 'c1 lb-1/lbl-1 10.0.0.1:80']]) })],
  ] as const)
    it(`does not survive ${what}`, () => {
      assert.equal(believeProof(kept(), found, here).runs.size, 0);
    });

  it('of an unknown format is not believed, whatever it says', () => {
    const { runs, because } = believeProof({ ...(kept() as object), format: 2 }, terms(), here);
    assert.equal(runs.size, 0);
    assert.match(because.join(), /format/);
    for (const odd of ['', 7, [], { format: 1 }, { format: 1, pods: null }])
      assert.equal(believeProof(odd, terms(), here).runs.size, 0);
  });
});

describe('a carried run', () => {
  const judged = (carried: { fromMs: number; lastMs: number }, firstMs: number, more: object = {}) =>
    judge([{ atMs: firstMs, value: 0 }], INSTANT, {
      zeroSinceMs: T0,
      nowMs: firstMs,
      stableForMs: 30_000,
      maxConnections: 0,
      carried,
      ...more,
    }).verdict;

  it('fills the window with one own reading, where that joins it without a gap', () => {
    assert.equal(judged({ fromMs: T0, lastMs: T0 + 30_000 }, T0 + 32_500), 'zero');
    assert.equal(judged({ fromMs: T0, lastMs: T0 + 30_000 }, T0 + 32_501), 'unknown');
  });

  it('never takes the place of the own reading', () => {
    const rule = { zeroSinceMs: T0, nowMs: T0 + 31_000, stableForMs: 30_000, maxConnections: 0 };
    const carried = { fromMs: T0, lastMs: T0 + 31_000 };
    assert.equal(judge([], INSTANT, { ...rule, carried }).verdict, 'unknown');
    assert.equal(judge([{ atMs: T0 + 31_000, value: 1 }], INSTANT, { ...rule, carried }).verdict, 'busy');
    assert.equal(judge([{ atMs: T0 + 31_000, value: null }], INSTANT, { ...rule, carried }).verdict, 'unknown');
  });

  it('that began before the weight was seen at 0 is not joined', () => {
    assert.equal(judged({ fromMs: T0 - 1, lastMs: T0 + 30_000 }, T0 + 31_000), 'unknown');
  });

  it('makes zero only where the same readings without a pause would have', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -5_000, max: 60_000 }),
        fc.integer({ min: 0, max: 60_000 }),
        fc.integer({ min: -5_000, max: 5_000 }),
        fc.constantFrom(0, 0, 0, 1, null),
        (fromMs, spanMs, pauseMs, value) => {
          const carried = { fromMs: T0 + fromMs, lastMs: T0 + fromMs + spanMs };
          const atMs = carried.lastMs + pauseMs;
          const rule = { zeroSinceMs: T0, nowMs: atMs, stableForMs: 30_000, maxConnections: 0 };
          const own = { atMs, value };
          const before = Array.from({ length: Math.floor(spanMs / 1000) + 1 }, (_, index) => ({
            atMs: carried.fromMs + index * 1000,
            value: 0,
          }));
          if (judge([own], INSTANT, { ...rule, carried }).verdict !== 'zero') return;
          assert.ok(pauseMs >= 0 && pauseMs <= 2500 && fromMs >= 0 && value === 0);
          const whole = [...before, ...(pauseMs === 0 ? [] : [own])];
          const last = whole.at(-1)?.atMs ?? 0;
          assert.ok(last - (whole[0]?.atMs ?? 0) >= 29_000, 'the readings of both commands fill the window');
        },
      ),
    );
  });
});
