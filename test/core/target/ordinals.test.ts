import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { UsageError } from '../../../lib/core/errors.ts';
import {
  formatOrdinals,
  ordinalOf,
  ordinalSet,
  ordinalsText,
  parseOrdinals,
} from '../../../lib/core/target/ordinals.ts';

describe('ordinals', () => {
  const accepted: [string, number[]][] = [
    ['0', [0]],
    ['0,1', [0, 1]],
    ['0-3', [0, 1, 2, 3]],
    ['3-3', [3]],
    ['0-3,7', [0, 1, 2, 3, 7]],
    ['7,0-2,1', [0, 1, 2, 7]],
    ['nginx-0,nginx-12', [0, 12]],
    ['pod/nginx-3', [3]],
    [' 1 , 2 ', [1, 2]],
  ];
  for (const [text, ordinals] of accepted)
    it(`reads "${text}"`, () => assert.deepEqual(parseOrdinals(text, 'nginx'), ordinals));

  const rejected: [string, RegExp][] = [
    ['', /empty/],
    ['  ', /empty/],
    [',', /empty part/],
    ['0,', /empty part/],
    ['a', /not an ordinal/],
    ['-1', /not an ordinal/],
    ['1.5', /not an ordinal/],
    ['01', /not an ordinal/],
    ['0x1', /not an ordinal/],
    ['3-1', /backwards/],
    ['0-', /not an ordinal/],
    ['redis-0', /does not belong to statefulset "nginx"/],
    ['nginx-', /not an ordinal/],
    ['0-999999', /more than/],
    ['0-9999,10000', /more than 10000 pods/],
    ['99999999999', /not an ordinal/],
  ];
  for (const [text, message] of rejected) {
    it(`rejects "${text}", and says what is accepted`, () => {
      assert.throws(
        () => parseOrdinals(text, 'nginx'),
        (error: unknown) =>
          error instanceof UsageError &&
          message.test(error.message) &&
          error.exitCode === 2 &&
          error.hint !== undefined,
      );
    });
  }
  it('are read back as they are written', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(200), { minLength: 1 }), (ordinals) => {
        assert.deepEqual(parseOrdinals(formatOrdinals(ordinals), 'nginx'), ordinalSet(ordinals));
      }),
    );
  });
  it('are named in the singular where there is one', () => {
    assert.deepEqual([[], [1], [0, 1, 2, 7]].map(ordinalsText), ['no ordinals', 'ordinal 1', 'ordinals 0-2,7']);
  });
  it('come from pod names of the target only', () => {
    assert.equal(ordinalOf('nginx-3', 'nginx'), 3);
    assert.equal(ordinalOf('nginx-canary-3', 'nginx'), undefined);
    assert.equal(ordinalOf('nginx-03', 'nginx'), undefined);
    assert.equal(ordinalOf('xnginx-3', 'nginx'), undefined);
    assert.equal(ordinalOf('nginx33', 'nginx'), undefined);
  });
});
