import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StatusDetails } from '../../../lib/core/status/status-view.ts';
import { status } from '../../../lib/flows/verbs/status.ts';
import { common, rehearse } from '../rehearsal/rehearsal.ts';

test('status without the cloud asks it nothing, and says that weights and connections are unknown', async () => {
  const rehearsal = rehearse();
  const outcome = await status(rehearsal.world, { ...common, cloud: false });
  const details = outcome.details as StatusDetails;
  assert.equal(rehearsal.balancer.reads, 0);
  const backends = details.rows.flatMap((row) => row.backends);
  assert.ok(backends.every(({ seenWeight, connections }) => seenWeight === null && connections === null));
  assert.match(details.notes.join('\n'), /--no-cloud/);
});
