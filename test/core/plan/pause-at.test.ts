import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { UsageError } from '../../../lib/core/errors.ts';
import { parsePauseAt, pauseCountOf } from '../../../lib/core/plan/pause-at.ts';

describe('--pause-at', () => {
  it('is a number of updated pods or a share of the replicas, rounded down and at least 1', () => {
    assert.equal(pauseCountOf(parsePauseAt('3'), 10), 3);
    assert.equal(pauseCountOf(parsePauseAt('50%'), 9), 4);
    assert.equal(pauseCountOf(parsePauseAt('1%'), 10), 1);
  });

  for (const text of ['', '0', '0%', '100%', '101%', '-1', '1.5', 'half', '50 %'])
    it(`refuses "${text}", and says what it accepts`, () =>
      assert.throws(
        () => parsePauseAt(text),
        (error: unknown) => error instanceof UsageError && /from 1% to 99% \(50%\)/.test(error.hint ?? ''),
      ));

  it('of a share leaves at least one pod to the next run, once there are two', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 99 }), fc.integer({ min: 2, max: 500 }), (percent, replicas) => {
        const count = pauseCountOf(parsePauseAt(`${percent}%`), replicas);
        assert.ok(count >= 1 && count < replicas);
      }),
    );
  });
});
