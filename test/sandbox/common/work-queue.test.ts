import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startWorker } from '../../../sandbox/common/work-queue.ts';
import { FakeClock } from '../../fakes/clock.ts';
import { eventually, settled } from '../../fakes/eventually.ts';

test('a burst for one key is one call, and what comes during a call is exactly one more', async (t) => {
  const gate = Promise.withResolvers<void>();
  let calls = 0;
  const worker = startWorker(
    async () => {
      calls += 1;
      if (calls === 1) await gate.promise;
    },
    { retryDelayMs: 1 },
  );
  t.after(() => worker.stop());
  for (let i = 0; i < 3; i += 1) worker.enqueue('a');
  await settled();
  assert.equal(calls, 1);
  for (let i = 0; i < 3; i += 1) worker.enqueue('a');
  gate.resolve();
  await settled();
  assert.equal(calls, 2);
});

test('one key never runs twice at a time, different keys do, and stop waits for both', async () => {
  const open = new Map<string, PromiseWithResolvers<void>>();
  const worker = startWorker(
    async (key) => {
      assert.equal(open.has(key), false);
      const gate = Promise.withResolvers<void>();
      open.set(key, gate);
      await gate.promise;
      open.delete(key);
    },
    { retryDelayMs: 1 },
  );
  worker.enqueue('a');
  worker.enqueue('b');
  await settled();
  worker.enqueue('a');
  assert.deepEqual([...open.keys()], ['a', 'b']);
  const stopped = worker.stop();
  for (const gate of open.values()) gate.resolve();
  await stopped;
  assert.equal(open.size, 0);
});

test('a key that fails is tried again after a delay that doubles', async (t) => {
  const clock = new FakeClock({ startMs: 0 });
  const at: number[] = [];
  const errors: string[] = [];
  const worker = startWorker(
    async () => {
      at.push(clock.now());
      if (at.length < 4) throw new Error('not yet');
    },
    { retryDelayMs: 100, clock, onError: (error, key) => errors.push(`${key}: ${(error as Error).message}`) },
  );
  t.after(() => worker.stop());
  worker.enqueue('a');
  await eventually(() => assert.deepEqual(at, [0, 100, 300, 700]));
  assert.deepEqual(errors, ['a: not yet', 'a: not yet', 'a: not yet']);
});

test('of several delays for one key the earliest counts', async (t) => {
  const clock = new FakeClock({ startMs: 0 });
  const at: number[] = [];
  const worker = startWorker(
    async () => {
      at.push(clock.now());
    },
    { retryDelayMs: 1, clock },
  );
  t.after(() => worker.stop());
  worker.enqueue('a', 500);
  worker.enqueue('a', 200);
  worker.enqueue('a', 900);
  await eventually(() => assert.deepEqual(at, [200]));
  await settled();
  assert.deepEqual(at, [200]);
});

test('after stop nothing runs any more', async () => {
  let calls = 0;
  const worker = startWorker(
    async () => {
      calls += 1;
    },
    { retryDelayMs: 1 },
  );
  worker.enqueue('a', 1);
  await worker.stop();
  worker.enqueue('a');
  await settled();
  assert.equal(calls, 0);
});

test('a delay without end asks for nothing', async (t) => {
  const slept: number[] = [];
  const clock = {
    now: () => 0,
    sleep: async (ms: number) => {
      slept.push(ms);
    },
  };
  let calls = 0;
  const worker = startWorker(
    async () => {
      calls += 1;
    },
    { retryDelayMs: 1, clock },
  );
  t.after(() => worker.stop());
  worker.enqueue('a', Number.POSITIVE_INFINITY);
  await settled();
  assert.deepEqual([slept, calls], [[], 0]);
});
