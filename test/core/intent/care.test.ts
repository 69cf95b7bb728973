import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { BUILT_IN, type DefaultValues, isAsCareful } from '../../../lib/core/intent/care.ts';
import { DEFAULT_NAMES, type DefaultName } from '../../../lib/core/intent/workload-defaults.ts';
import { floorOf } from '../../../lib/core/safety/floor.ts';
import { windowSizeOf } from '../../../lib/core/window/size.ts';

const count = (min: number) => fc.record({ kind: fc.constant('count' as const), count: fc.integer({ min, max: 40 }) });
const share = (min: number) =>
  fc.record({ kind: fc.constant('percent' as const), percent: fc.integer({ min, max: 100 }) });

const VALUES: { [Name in DefaultName]: fc.Arbitrary<DefaultValues[Name]> } = {
  'stable-for': fc.integer({ min: 0, max: 600_000 }),
  'min-serving': fc.oneof(count(0), share(0)),
  batch: fc.integer({ min: 1, max: 40 }),
  'max-unavailable': fc.oneof(count(1), share(1)),
  source: fc.subarray(['clb', 'pod', 'metrics'], { minLength: 1 }),
  metric: fc.constantFrom('connections', 'sessions'),
};

const replicas = fc.integer({ min: 0, max: 40 });

/** Runs a law on three values of every default. */
const forEach = (law: (as: (a: number, b: number) => boolean, name: DefaultName) => void) => {
  for (const name of DEFAULT_NAMES)
    fc.assert(
      fc.property(fc.array(VALUES[name] as fc.Arbitrary<never>, { minLength: 3, maxLength: 3 }), replicas, (v, all) =>
        law((a, b) => isAsCareful(name, v[a] as never, v[b] as never, all), name),
      ),
    );
};

describe('the order of care', () => {
  it('holds every value as careful as itself', () => forEach((as) => assert.equal(as(0, 0), true)));

  it('is transitive', () =>
    forEach((as) => {
      if (as(0, 1) && as(1, 2)) assert.equal(as(0, 2), true);
    }));

  it('compares any two values, but for sources that do not see the same', () =>
    forEach((as, name) => {
      if (name !== 'source') assert.equal(as(0, 1) || as(1, 0), true);
    }));

  it('never lets a default lower the floor, nor take more pods out at once, than the built-in one', () =>
    fc.assert(
      fc.property(VALUES['min-serving'], VALUES['max-unavailable'], replicas, (floor, window, all) => {
        if (isAsCareful('min-serving', floor, BUILT_IN['min-serving'], all))
          assert.ok(floorOf(floor, all) >= floorOf(BUILT_IN['min-serving'], all));
        if (isAsCareful('max-unavailable', window, BUILT_IN['max-unavailable'], all))
          assert.equal(windowSizeOf(window, all), 1);
      }),
    ));

  it('holds no floor at all for looser than any floor, on no replicas too', () => {
    assert.equal(isAsCareful('min-serving', { kind: 'count', count: 0 }, BUILT_IN['min-serving'], 0), false);
    assert.equal(isAsCareful('min-serving', { kind: 'percent', percent: 0 }, BUILT_IN['min-serving'], 0), false);
  });

  it('wants every source of the usual choice, and takes more', () => {
    const as = (value: string[]) => isAsCareful('source', value, ['clb', 'pod'], 4);
    assert.deepEqual([['clb'], ['metrics'], ['clb', 'pod'], ['pod', 'metrics', 'clb']].map(as), [
      false,
      false,
      true,
      true,
    ]);
  });
});
