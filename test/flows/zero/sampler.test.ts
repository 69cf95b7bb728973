import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSampler } from '../../../lib/flows/zero/sampler.ts';
import type { Cadence, ConnectionSource, Point } from '../../../lib/ports.ts';
import { pods } from '../../sources/clb-monitor/backends.ts';
import { rehearse } from '../rehearsal/rehearsal.ts';

const MINUTE = 60_000;
const CADENCE: Cadence<'interval'> = { kind: 'interval', periodMs: MINUTE, settleMs: 2 * MINUTE };

/** A monitor that tells, of every minute since then that is over when it is asked, no connection. */
function open() {
  const { world, clock } = rehearse();
  const backends = [pods().drained, ...pods().siblings];
  const zeroSinceMs = clock.now();
  const told = { reads: 0, lastsMs: 0, missing: '' };
  const source: ConnectionSource = {
    name: 'clb',
    prove: async () => [],
    async read(asked, sinceMs) {
      told.reads += 1;
      const points: Point[] = [];
      for (let atMs = Math.ceil(sinceMs / MINUTE) * MINUTE; atMs + MINUTE <= clock.now(); atMs += MINUTE)
        points.push({ atMs, value: 0 });
      if (told.lastsMs > 0) await clock.sleep(told.lastsMs);
      return asked
        .filter(({ pod }) => pod !== told.missing)
        .map((backend) => ({ source: 'clb', backend, cadence: CADENCE, points }));
    },
  };
  const sampler = createSampler(world, { stableForMs: 30_000, maxConnections: 0 });
  const assignments = [{ source, backends }];
  const sample = (sinceMs = zeroSinceMs) =>
    sampler.sample(assignments, new Map(backends.map(({ podUid }) => [podUid, sinceMs])));
  const verdicts = async (sinceMs?: number) => (await sample(sinceMs)).map(({ judged }) => judged.verdict);
  return { clock, told, sampler, assignments, verdicts, zeroSinceMs };
}

test('a reading that takes long is judged as of its beginning: what had not settled then is not final', async () => {
  const { clock, told, verdicts } = open();
  await clock.sleep(4 * MINUTE);
  told.lastsMs = 2 * MINUTE;
  assert.deepEqual(await verdicts(), ['unknown', 'unknown', 'unknown']);
  told.lastsMs = 0;
  await clock.sleep(MINUTE);
  assert.deepEqual(await verdicts(), ['zero', 'zero', 'zero']);
});

test('a reading stands until the next one can add to it, for the same moments of weight 0 and no others', async () => {
  const { clock, told, verdicts, zeroSinceMs } = open();
  await clock.sleep(5 * MINUTE);
  assert.deepEqual(await verdicts(), ['zero', 'zero', 'zero']);
  await clock.sleep(59_000);
  assert.deepEqual(await verdicts(), ['zero', 'zero', 'zero']);
  assert.equal(told.reads, 1);
  assert.deepEqual(await verdicts(zeroSinceMs + MINUTE), ['unknown', 'unknown', 'unknown']);
  assert.equal(told.reads, 2);
});

test('a backend whose moment of weight 0 is not known is never at zero', async () => {
  const { clock, sampler, assignments, zeroSinceMs } = open();
  await clock.sleep(5 * MINUTE);
  const known = new Map([
    ['uid-0', zeroSinceMs],
    ['uid-2', zeroSinceMs],
  ]);
  const verdicts = (await sampler.sample(assignments, known)).map(({ judged }) => judged.verdict);
  assert.deepEqual(verdicts, ['zero', 'unknown', 'zero']);
});

test('a forgotten reading is made again', async () => {
  const { clock, told, sampler, verdicts } = open();
  await clock.sleep(5 * MINUTE);
  await verdicts();
  sampler.forget();
  await verdicts();
  assert.equal(told.reads, 2);
});

test('a backend that the source left out is unknown, and asked for again at the next look', async () => {
  const { clock, told, verdicts } = open();
  await clock.sleep(5 * MINUTE);
  told.missing = 'nginx-1';
  assert.deepEqual(await verdicts(), ['zero', 'unknown', 'zero']);
  told.missing = '';
  await clock.sleep(1000);
  assert.deepEqual(await verdicts(), ['zero', 'zero', 'zero']);
  assert.equal(told.reads, 2);
});

test('a clock that was set back makes no reading last for ever', async () => {
  const { clock, told, verdicts } = open();
  await clock.sleep(5 * MINUTE);
  await verdicts();
  const { now } = clock;
  clock.now = () => now.call(clock) - 4 * MINUTE;
  await verdicts();
  assert.equal(told.reads, 2);
});
