import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DisagreesError, NotYetError, RefusedError, UsageError } from '../../lib/core/errors.ts';
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
});
