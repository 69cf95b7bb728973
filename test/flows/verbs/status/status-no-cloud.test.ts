import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InterruptedError } from '../../../../lib/core/errors.ts';
import type { StatusDetails } from '../../../../lib/core/status/status-view.ts';
import { status } from '../../../../lib/flows/verbs/status.ts';
import { common, rehearse } from '../../rehearsal/rehearsal.ts';

test('status without the cloud asks it nothing, and says that weights and connections are unknown', async () => {
  const rehearsal = rehearse();
  const outcome = await status(rehearsal.world, { ...common, cloud: false });
  const details = outcome.details as StatusDetails;
  assert.equal(rehearsal.balancer.reads, 0);
  const backends = details.rows.flatMap((row) => row.backends);
  assert.ok(backends.every(({ seenWeight, connections }) => seenWeight === null && connections === null));
  assert.match(details.notes.join('\n'), /--no-cloud/);
});

test('status that is interrupted while the cloud does not answer ends as interrupted, without a table', async () => {
  const rehearsal = rehearse();
  const stop = new AbortController();
  rehearsal.balancer.observe = (_balancer, { signal } = {}) =>
    new Promise((_resolve, reject) => {
      // As a client of the cloud does: an error of its own that carries the reason.
      signal?.addEventListener('abort', () => reject(new Error('the request was aborted', { cause: signal.reason })));
      setImmediate(() => stop.abort(new InterruptedError('SIGINT', 'interrupted')));
    });
  await assert.rejects(
    status({ ...rehearsal.world, signal: stop.signal }, common),
    (error) => error instanceof InterruptedError && error.exitCode === 130,
  );
});

test('status of a cloud that fails shows the cluster, and says why the rest is unknown', async () => {
  const rehearsal = rehearse();
  rehearsal.balancer.failure = new Error('the secret is wrong');
  const { details, exitCode } = await status(rehearsal.world, common);
  assert.equal(exitCode, 0);
  assert.deepEqual((details as StatusDetails).notes, ['weights at the load balancer are unknown: the secret is wrong']);
});
