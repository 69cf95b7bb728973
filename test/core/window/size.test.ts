import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { UsageError } from '../../../lib/core/errors.ts';
import { parseMaxUnavailable, windowSizeOf } from '../../../lib/core/window/size.ts';

describe('--max-unavailable', () => {
  it('is a number of pods or a share of the replicas, rounded down and at least 1', () => {
    const sizeOf = (text: string, replicas: number) => windowSizeOf(parseMaxUnavailable(text), replicas);
    assert.deepEqual([sizeOf('4', 10), sizeOf('34%', 10), sizeOf('39%', 10), sizeOf('100%', 10)], [4, 3, 3, 10]);
    assert.deepEqual([sizeOf('1%', 10), sizeOf('9%', 10), sizeOf('50%', 1), sizeOf('10%', 0)], [1, 1, 1, 1]);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), fc.nat({ max: 5_000 }), (percent, replicas) => {
        const size = sizeOf(`${percent}%`, replicas);
        assert.ok(size >= 1 && (size === 1 || size * 100 <= percent * replicas));
        assert.ok((size + 1) * 100 > percent * replicas);
      }),
    );
  });

  for (const text of ['0', '0%', '101%', '-1', '1.5', '', '%', 'ten', '1000000'])
    it(`refuses "${text}", and says what it accepts`, () =>
      assert.throws(
        () => parseMaxUnavailable(text),
        (error: unknown) => {
          assert.ok(error instanceof UsageError);
          assert.match(error.hint ?? '', /a number of pods from 1 \(10\) or a share of the replicas \(10%\)/);
          return true;
        },
      ));
});
