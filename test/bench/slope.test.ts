import assert from 'node:assert/strict';
import { test } from 'node:test';
import { growthOf } from '../../bench/parts/growth.ts';
import { slopes } from '../../bench/slope.ts';

const rounded = (values: readonly number[]) => values.map((value) => Number(value.toFixed(6)));

test('the slope is 0 for a constant, 1 for a line, 2 for a square, between each size and the next', () => {
  const of = (value: (size: number) => number) =>
    rounded(slopes([10, 100, 5000].map((size) => ({ size, value: value(size) }))));
  assert.deepEqual(
    of(() => 7),
    [0, 0],
  );
  assert.deepEqual(
    of((size) => 3 * size),
    [1, 1],
  );
  assert.deepEqual(
    of((size) => size * size),
    [2, 2],
  );
});

test('one size has no slope, and sizes that do not rise are refused', () => {
  assert.deepEqual(slopes([{ size: 10, value: 1 }]), []);
  assert.throws(() => slopes([10, 10].map((size) => ({ size, value: 1 }))), /sizes must rise/);
});

test('each contestant grows by itself, and memory is left out where it was not measured', () => {
  const at = (size: number) => ({
    size,
    figures: [
      { name: 'a', runs: 1, wallMs: size, peakMB: 50 },
      { name: 'b', runs: 1, wallMs: 5 },
    ],
  });
  const [a, b] = growthOf([at(10), at(100)]);
  assert.deepEqual([a?.name, rounded(a?.wall ?? []), a?.memory], ['a', [1], [0]]);
  assert.deepEqual([b?.name, b?.wall, b?.memory], ['b', [0], []]);
});
