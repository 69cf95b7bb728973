import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Cadence, ConnectionSource, CountedBackend, Series } from '../../lib/ports.ts';
import { paced } from '../../lib/sources/paced.ts';
import { FakeClock } from '../fakes/clock.ts';
import { pods } from './clb-monitor/backends.ts';

const MINUTES: Cadence<'interval'> = { kind: 'interval', periodMs: 60_000, settleMs: 120_000 };
const MOMENTS: Cadence<'instant'> = { kind: 'instant', periodMs: 3000, settleMs: 0 };

function open(cadence: Cadence<'interval'> | Cadence<'instant'>) {
  // The clock starts on a whole minute.
  const clock = new FakeClock();
  const world = { reads: 0, failure: undefined as Error | undefined };
  const source: ConnectionSource = {
    name: 'any',
    prove: async () => [],
    async read(backends: readonly CountedBackend[]) {
      world.reads += 1;
      if (world.failure !== undefined) throw world.failure;
      const points = [{ atMs: clock.now(), untilMs: clock.now(), value: world.reads }];
      return backends.map((backend) => ({ source: 'any', backend, cadence, points }) as Series);
    },
  };
  const slow = paced(source, clock);
  const { drained, siblings } = pods();
  const read = async (...backends: CountedBackend[]) =>
    (await slow.read(backends, 0)).map((series) => series.points[0]?.value);
  return { clock, world, drained, siblings, read };
}

test('a source of periods is read once in each of them', async () => {
  const { clock, read, drained } = open(MINUTES);
  await clock.sleep(10_000);
  assert.deepEqual(await read(drained), [1]);
  await clock.sleep(49_999);
  assert.deepEqual(await read(drained), [1]);
  await clock.sleep(1);
  assert.deepEqual(await read(drained), [2]);
});

test('a source of moments is read at every look', async () => {
  const { read, drained } = open(MOMENTS);
  assert.deepEqual([await read(drained), await read(drained)], [[1], [2]]);
});

test('other backends are another reading, and no two are mistaken for each other', async () => {
  const { read, drained, siblings } = open(MINUTES);
  assert.deepEqual(await read(drained), [1]);
  assert.deepEqual(await read(...siblings), [2, 2]);
  for (const other of [
    { ...drained, podUid: 'other' },
    { ...drained, port: 81 },
    { ...drained, address: '10.0.0.9' },
    { ...drained, listener: { ...drained.listener, id: 'lbl-9' } },
    { ...drained, balancer: { ...drained.balancer, id: 'lb-9' } },
  ])
    assert.notDeepEqual(await read(other), [1]);
  assert.deepEqual(await read(drained), [1]);
});

test('a failed reading is not kept, nor is one from a time that the clock has gone back from', async () => {
  const { clock, world, read, drained } = open(MINUTES);
  world.failure = new Error('no');
  await assert.rejects(read(drained), /no/);
  world.failure = undefined;
  assert.deepEqual(await read(drained), [2]);
  const { now } = clock;
  clock.now = () => now.call(clock) - 3_600_000;
  assert.deepEqual(await read(drained), [3]);
});
