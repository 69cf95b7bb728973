import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StatusDetails } from '../../../../lib/core/status/status-view.ts';
import { drain } from '../../../../lib/flows/verbs/drain.ts';
import { status } from '../../../../lib/flows/verbs/status.ts';
import { common, rehearse } from '../../rehearsal/rehearsal.ts';

test('status of very many pods counts the drained ones and says whose connections it did not ask for', async () => {
  const rehearsal = rehearse({ replicas: 320, updated: [319] });
  await drain(rehearsal.world, { ...common, ordinals: [317, 318] });
  const show = async (more: object = {}) =>
    (await status(rehearsal.world, { ...common, ...more })).details as StatusDetails;
  const { rows, notes } = await show();
  const counted = rows.filter(({ backends }) => backends.every(({ connections }) => connections !== null));
  assert.equal(counted.length, 300);
  for (const ordinal of [0, 317, 318, 319])
    assert.ok(
      counted.some((row) => row.ordinal === ordinal),
      String(ordinal),
    );
  assert.deepEqual(
    notes.filter((note) => String(note).includes('--all-connections')),
    [
      'connections of 20 pods were not asked for: drained and updated pods come first (--all-connections asks for every pod)',
    ],
  );
  const all = await show({ allConnections: true });
  assert.ok(all.rows.every(({ backends }) => backends.every(({ connections }) => connections !== null)));
  assert.deepEqual(all.notes, []);
});
