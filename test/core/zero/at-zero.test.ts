import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { atZero, type ZeroQuestion } from '../../../lib/core/zero/at-zero.ts';
import type { Verdict } from '../../../lib/core/zero/verdict.ts';

const windows = { filledMs: 30_000, neededMs: 30_000 };
const judgements: Record<Verdict['verdict'], Verdict> = {
  zero: { verdict: 'zero', value: 0, ...windows },
  busy: { verdict: 'busy', value: 2, ...windows },
  unknown: { verdict: 'unknown', because: 'no point', ...windows },
};
const of = (backend: string, verdict: Verdict['verdict']) => ({ backend, judged: judgements[verdict] });
const proven: ZeroQuestion = {
  blocked: [],
  backends: ['a', 'b'],
  verdicts: [of('a', 'zero'), of('b', 'zero')],
  open: [],
  neverBound: false,
};
const ask = (more: Partial<ZeroQuestion>) => atZero({ ...proven, ...more });

describe('pods are at zero', () => {
  it('when every backend is counted, and every count is zero', () => assert.equal(ask({}), 'zero'));
  it('when no load balancer ever had one of them', () =>
    assert.equal(ask({ backends: [], verdicts: [], neverBound: true }), 'zero'));
});

describe('pods are not known to be at zero', () => {
  it('while anything stands in the way', () => assert.equal(ask({ blocked: ['weight 10'] }), 'unknown'));
  it('while anything stands in the way of pods that were never bound', () =>
    assert.equal(ask({ backends: [], neverBound: true, blocked: ['pod-1 does not exist'] }), 'unknown'));
  it('while no source counts one of their backends', () => assert.equal(ask({ backends: ['a', 'b', 'c'] }), 'unknown'));
  it('while a source could not be asked', () => assert.equal(ask({ open: ['clb'] }), 'unknown'));
  it('while one source of several does not know', () =>
    assert.equal(ask({ verdicts: [...proven.verdicts, of('a', 'unknown')] }), 'unknown'));
  it('when they have no backend, and another balancer may have sent to them before', () =>
    assert.equal(ask({ backends: [], verdicts: [] }), 'unknown'));
});

describe('pods are busy', () => {
  it('when one source of several counts a connection', () =>
    assert.equal(ask({ verdicts: [...proven.verdicts, of('b', 'busy')] }), 'busy'));
  it('when a source counts a connection, although another could not be asked', () =>
    assert.equal(ask({ verdicts: [of('a', 'busy'), of('b', 'zero')], open: ['clb'] }), 'busy'));
  it('but not by a backend that they no longer have', () =>
    assert.equal(ask({ verdicts: [...proven.verdicts, of('gone', 'busy')] }), 'zero'));
});

const name = fc.constantFrom('a', 'b', 'c');
const question: fc.Arbitrary<ZeroQuestion> = fc.record({
  blocked: fc.array(fc.constant('weight 10'), { maxLength: 1 }),
  backends: fc.uniqueArray(name),
  verdicts: fc.array(fc.record({ backend: name, judged: fc.constantFrom(...Object.values(judgements)) })),
  open: fc.array(fc.constant('clb'), { maxLength: 1 }),
  neverBound: fc.boolean(),
});

describe('laws of zero', () => {
  it('zero has every backend counted, every count at zero, and nothing in the way', () => {
    fc.assert(
      fc.property(question, (asked) => {
        if (atZero(asked) !== 'zero') return;
        assert.deepEqual(asked.blocked, []);
        const verdictsOf = (backend: string) => asked.verdicts.filter((each) => each.backend === backend);
        for (const backend of asked.backends) {
          assert.deepEqual(asked.open, []);
          assert.ok(verdictsOf(backend).length > 0);
          assert.ok(verdictsOf(backend).every(({ judged }) => judged.verdict === 'zero'));
        }
        assert.ok(asked.backends.length > 0 || asked.neverBound);
      }),
    );
  });

  it('one thing more in the way, to count or to ask never makes zero of anything else', () => {
    const worse = (asked: ZeroQuestion): ZeroQuestion[] => [
      { ...asked, blocked: [...asked.blocked, 'weight 10'] },
      { ...asked, backends: [...asked.backends, 'another'] },
      { ...asked, open: [...asked.open, 'metrics'] },
      ...asked.backends.map((backend) => ({ ...asked, verdicts: [...asked.verdicts, of(backend, 'busy')] })),
    ];
    fc.assert(
      fc.property(question, (asked) => {
        if (atZero(asked) === 'zero') return;
        for (const each of worse(asked)) assert.notEqual(atZero(each), 'zero');
      }),
    );
  });
});
