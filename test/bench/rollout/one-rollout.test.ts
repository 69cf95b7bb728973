import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { boundsOf } from '../../../bench/rollout/bounds.ts';
import { connectionLengths } from '../../../bench/rollout/lengths.ts';
import { oneRollout, STABLE_FOR_MS, START_MS } from '../../../bench/rollout/one-rollout.ts';

const SIZE = 3;
const PODS = 12;

describe('an upgrade on the simulated clock', () => {
  it('takes by the window at most a tenth longer than an operator without delays, by batches than the slowest pod of each, and never cuts a connection', async () => {
    for (const soakMs of [0, 120_000]) {
      const lengthsMs = connectionLengths('lognormal', PODS, 3);
      const own = lengthsMs.map((lengthMs) => lengthMs + STABLE_FOR_MS + START_MS + soakMs);
      const bounds = boundsOf(own, SIZE);
      const [window, batches] = [
        await oneRollout({ way: 'window', size: SIZE, lengthsMs, soakMs }),
        await oneRollout({ way: 'batches', size: SIZE, lengthsMs, soakMs }),
      ];
      assert.ok(window.tookMs >= bounds.windowMs, 'no one is quicker than the bound');
      assert.ok(window.tookMs <= 1.1 * bounds.idealMs, `${window.tookMs} of ${bounds.idealMs}`);
      assert.ok(batches.tookMs <= 1.1 * bounds.batchesMs, `${batches.tookMs} of ${bounds.batchesMs}`);
      for (const { mostOut, unproved } of [window, batches]) assert.deepEqual([mostOut, unproved], [SIZE, 0]);
      assert.ok(window.cluster < batches.cluster, `${window.cluster} requests, by batches ${batches.cluster}`);
    }
  });
});
