import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  DisagreesError,
  InterruptedError,
  NotYetError,
  OtherOperatorError,
  RefusedError,
  UsageError,
} from '../../lib/core/errors.ts';
import type { World } from '../../lib/ports.ts';
import { kubeWith, run } from './harness.ts';

/** A verb that fails, in a world where something has been written by then, or nothing. */
const failing = (error: Error, wrote: boolean, ...words: string[]) =>
  run(['drain', 'nginx', '0', ...words], {
    flow: () => {
      throw error;
    },
    openWorld: async ({ report, signal }) => ({
      world: { kube: kubeWith({}, 'prod'), report, signal } as unknown as World,
      wrote: () => wrote,
      close: async () => {},
    }),
  });
const refusal = new RefusedError([{ rule: 'floor', message: 'too few', override: '--min-serving' }]);

describe('exit code and reason say what was written', () => {
  it('a refusal is 4 where nothing was written, and 7 with its reason where this run had written', async () => {
    const before = await failing(refusal, false);
    assert.deepEqual([before.code, before.stdout], [4, '']);
    assert.match(before.stderr, /refused by a safety rule, nothing was written/);
    const after = await failing(refusal, true);
    assert.equal(after.code, 7);
    assert.match(after.stderr, /^error: written, not finished: a safety rule stopped it, nothing more was written$/m);
    assert.match(after.stderr, /^ {2}floor: too few$/m);
    assert.match(after.stderr, /^hint: to go on: .*the same command again$/m);
    assert.match(after.stderr, /^hint: to go back: kubectl zeroloss restore nginx/m);
  });
  it('a usage error that comes after a write is 7 as well', async () => {
    const { code, stderr } = await failing(new UsageError('the record is damaged', 'write it anew'), true);
    assert.equal(code, 7);
    assert.match(stderr, /^error: written, not finished: the record is damaged$/m);
  });
  it('as data carries reason, changed and the refusals', async () => {
    const data = JSON.parse((await failing(refusal, true, '-o', 'json')).stdout);
    assert.deepEqual(
      [data.exitCode, data.reason, data.changed, data.refusals.length],
      [7, 'written, not finished', true, 1],
    );
    const other = JSON.parse((await failing(new DisagreesError('shows 10'), true, '-o', 'json')).stdout);
    assert.deepEqual([other.exitCode, other.reason], [7, 'the world disagrees']);
  });
  it('a time-out carries what was done by then', async () => {
    const done = [{ object: 'service/nginx', action: 'drained', changed: true }];
    const late = new NotYetError('not yet').inWhole({ results: done });
    const data = JSON.parse((await failing(late, true, '-o', 'json')).stdout);
    assert.deepEqual([data.exitCode, data.changed, data.results], [6, true, done]);
  });

  it('a lease that another operator holds promises that nothing was written only where that is so', async () => {
    const held = () => new OtherOperatorError('two@laptop/7 runs upgrade on statefulset/nginx');
    assert.match((await failing(held(), false)).stderr, /^error: two@laptop\/7 runs .*; nothing was written$/m);
    const after = await failing(held(), true);
    assert.equal(after.code, 5);
    assert.doesNotMatch(after.stderr, /nothing was written/);
  });

  it('an interrupted run has the words that its flow has for a run without a write, while that is so', async () => {
    for (const wrote of [false, true]) {
      const controller = new AbortController();
      const unwritten = new InterruptedError('SIGINT', 'this run has written nothing');
      const ended = new InterruptedError('SIGINT', 'completed writes stay', undefined, unwritten);
      const { code, stderr } = await run(['upgrade', 'nginx', '--yes'], {
        signal: controller.signal,
        flow: () => {
          controller.abort(new InterruptedError('SIGINT', 'interrupted'));
          throw ended;
        },
        openWorld: async ({ report, signal }) => ({
          world: { kube: kubeWith({}, 'prod'), report, signal } as unknown as World,
          wrote: () => wrote,
          close: async () => {},
        }),
      });
      assert.equal(code, 130);
      assert.match(stderr, wrote ? /^error: completed writes stay$/m : /^error: this run has written nothing$/m);
    }
  });
});
