import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { orInterrupted } from '../../../sandbox/rehearsal/interrupted.ts';

test('an interrupted rehearsal ends with the reason of the interruption, and any other error stays what it is', async () => {
  const controller = new AbortController();
  const reason = new Error('interrupted');
  const waiting = orInterrupted(controller.signal, () => sleep(60_000, undefined, { signal: controller.signal }));
  controller.abort(reason);
  await assert.rejects(waiting, reason);
  const other = new Error('no pod');
  await assert.rejects(
    orInterrupted(new AbortController().signal, () => Promise.reject(other)),
    other,
  );
  assert.equal(await orInterrupted(new AbortController().signal, async () => 7), 7);
});
