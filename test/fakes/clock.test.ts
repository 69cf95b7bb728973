import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from './clock.ts';

test('sleepers and callbacks wake in the order of time', async () => {
  const clock = new FakeClock({ startMs: 0 });
  const seen: string[] = [];
  clock.at(1500, () => void seen.push(`callback ${clock.now()}`));
  await Promise.all(
    [2000, 1000].map(async (ms) => {
      await clock.sleep(ms);
      seen.push(`sleeper ${clock.now()}`);
    }),
  );
  assert.deepEqual(seen, ['sleeper 1000', 'callback 1500', 'sleeper 2000']);
});

test('an aborted sleep rejects with the reason and lets no time pass', async () => {
  const clock = new FakeClock({ startMs: 0 });
  const stop = new AbortController();
  const slept = clock.sleep(1000, stop.signal);
  stop.abort(new Error('enough'));
  await assert.rejects(slept, /enough/);
  assert.equal(clock.now(), 0);
});

test('a callback that fails fails the sleepers', async () => {
  const clock = new FakeClock();
  clock.at(10, () => assert.fail('wrong'));
  await assert.rejects(clock.sleep(20), /wrong/);
});
