import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { UsageError } from '../../../lib/core/errors.ts';
import { agoText, formatDuration, MAX_DURATION_MS, parseDuration } from '../../../lib/core/values/duration.ts';

const GOOD: readonly [text: string, ms: number][] = [
  ['0', 0],
  ['+0', 0],
  ['0s', 0],
  ['500ms', 500],
  ['30s', 30_000],
  ['5m', 300_000],
  ['1h2m3s', 3_723_000],
  ['1.5h', 5_400_000],
  ['.5s', 500],
  ['1.s', 1000],
  ['+2s', 2000],
  ['1m1m', 120_000],
  ['1500µs', 2],
  ['1500us', 2],
  ['1ns', 1],
];

describe('a duration is read as Go reads it', () => {
  for (const [text, ms] of GOOD) test(text, () => assert.equal(parseDuration(text, 'timeout'), ms));
});

const BAD: readonly [text: string, says: string][] = [
  ['1', 'time: missing unit in duration "1"'],
  ['1.5', 'time: missing unit in duration "1.5"'],
  ['1h30', 'time: missing unit in duration "1h30"'],
  ['', 'time: invalid duration ""'],
  ['+', 'time: invalid duration "+"'],
  ['abc', 'time: invalid duration "abc"'],
  ['s', 'time: invalid duration "s"'],
  ['.s', 'time: invalid duration ".s"'],
  ['1e3s', 'time: unknown unit "e" in duration "1e3s"'],
  ['1d', 'time: unknown unit "d" in duration "1d"'],
  ['5 m', 'time: unknown unit " m" in duration "5 m"'],
  ['5M', 'time: unknown unit "M" in duration "5M"'],
  ['-5m', 'must not be negative'],
  ['600h', 'must be at most 24 days'],
];

describe('a text that is no duration is refused in the words of kubectl, naming the flag', () => {
  for (const [text, says] of BAD) {
    test(JSON.stringify(text), () => {
      assert.throws(
        () => parseDuration(text, 'timeout'),
        (error) => {
          assert.ok(error instanceof UsageError);
          assert.equal(error.message, `invalid argument "${text}" for "--timeout" flag: ${says}`);
          assert.match(error.hint ?? '', /30s, 5m or 1h30m/);
          return true;
        },
      );
    });
  }
});

test('a duration that is written is read back as the same', () => {
  const ms = fc.integer({ min: 0, max: MAX_DURATION_MS });
  fc.assert(fc.property(ms, (value) => parseDuration(formatDuration(value), 'timeout') === value));
});

test('a duration is written with the largest units first and no empty ones', () => {
  assert.deepEqual([0, 500, 1500, 60_000, 3_600_000, 3_723_000].map(formatDuration), [
    '0s',
    '500ms',
    '1.5s',
    '1m',
    '1h',
    '1h2m3s',
  ]);
});

test('a time that has passed is written in whole seconds, and never less than none', () =>
  assert.deepEqual([12_900, 62_000, -3_000].map(agoText), ['12s ago', '1m2s ago', '0s ago']));
