import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandLine, headingOf, readExtent, SECTIONS } from '../../bench/sections.ts';

test('everything is measured unless the environment says otherwise', () => {
  const extent = readExtent({});
  assert.deepEqual(extent, {
    sections: SECTIONS,
    rounds: 20,
    sizes: [10, 100, 1000, 5000],
    quick: false,
    seeds: 20,
    rolloutSizes: [100],
  });
});

test('a quick run has fewer rounds and pods, unless they are chosen', () => {
  assert.deepEqual(readExtent({ BENCH_QUICK: '1' }).sizes, [10, 100]);
  const chosen = readExtent({ BENCH_QUICK: '1', BENCH_ROUNDS: '7', BENCH_SIZES: '3', BENCH_ONLY: 'reaction,growth' });
  assert.deepEqual(chosen, {
    sections: ['reaction', 'growth'],
    rounds: 7,
    sizes: [3],
    quick: true,
    seeds: 2,
    rolloutSizes: [3],
  });
});

test('a part that there is not, and a number that is none, are refused by name', () => {
  assert.throws(
    () => readExtent({ BENCH_ONLY: 'startup' }),
    /BENCH_ONLY=startup: there are start-up, build-steps, growth/,
  );
  for (const word of ['0', '-1', '1.5', 'ten', '']) {
    assert.throws(() => readExtent({ BENCH_ROUNDS: word }), /BENCH_ROUNDS=/);
    assert.throws(() => readExtent({ BENCH_SIZES: `10,${word}` }), /BENCH_SIZES=/);
    assert.throws(() => readExtent({ BENCH_SEEDS: word }), /BENCH_SEEDS=/);
  }
});

test('the command that measured is shown with the chosen sources', () => {
  assert.equal(commandLine({}), '`make bench`');
  assert.equal(
    commandLine({ BENCH_SIZES: '3', BENCH_QUICK: '1', HOME: '/' }),
    '`BENCH_QUICK=1 BENCH_SIZES=3 make bench`',
  );
});

test('the tables of a part stand below the command that prints them alone, and below the machine where that decides', () => {
  const env = { BENCH_ONLY: 'growth,requests', BENCH_ROUNDS: '9' };
  assert.equal(headingOf('growth', env, '2 × any'), '`BENCH_ONLY=growth BENCH_ROUNDS=9 make bench`: 2 × any');
  assert.equal(headingOf('requests', {}, '2 × any'), '`BENCH_ONLY=requests make bench`');
});
