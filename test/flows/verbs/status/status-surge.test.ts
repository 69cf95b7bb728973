import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StatusError } from '../../../../lib/core/errors.ts';
import type { StatusDetails } from '../../../../lib/core/status/status-view.ts';
import { withLease } from '../../../../lib/flows/guard/lease.ts';
import { status } from '../../../../lib/flows/verbs/status.ts';
import { surge } from '../../../../lib/flows/verbs/surge.ts';
import { waitZero } from '../../../../lib/flows/verbs/wait-zero.ts';
import { STATEFUL_SETS } from '../../../../lib/ports/resources.ts';
import { common, rehearse, zero } from '../../rehearsal/rehearsal.ts';

test('status shows a surge that is on, a scale beyond it, and bookkeeping that cannot be read', async () => {
  const rehearsal = rehearse({ replicas: 3 });
  const look = async () => {
    const { details, message } = await status(rehearsal.world, { ...common, cloud: false });
    return { ...(details as StatusDetails), message };
  };
  assert.equal((await look()).surge, null);
  await surge(rehearsal.world, { ...common, count: 2, dark: false });
  const on = await look();
  assert.deepEqual(on.surge, { formerReplicas: 3, surplus: [3, 4] });
  assert.equal(on.message, 'nothing is drained; surge: 3 replicas before, surplus ordinals 3,4');
  const edit = (replicas: number, record: string) =>
    rehearsal.kube.edit(STATEFUL_SETS, 'nginx', (set) => {
      Object.assign(set['spec'] as object, { replicas });
      set.metadata.annotations = { ...set.metadata.annotations, 'kubectl-zeroloss/former-replicas': record };
    });
  edit(7, '3');
  assert.match((await look()).notes.join('\n'), /has 7 replicas, and the surge had scaled it from 3 to 5/);
  edit(5, 'three');
  const damaged = await look();
  assert.equal(damaged.surge, null);
  assert.match(damaged.notes.join('\n'), /former-replicas is "three", not a number/);
});

test('beside a surge whose pod is not born yet, status and wait-zero call the pod not created yet, and name no way to give it weight', async () => {
  for (const verb of ['surge', 'upgrade', 'scale']) {
    const rehearsal = rehearse({ replicas: 3 });
    rehearsal.kube.failNext({ verb: 'patch', resource: 'statefulsets' }, new StatusError(403, 'Forbidden', 'no'));
    await assert.rejects(surge(rehearsal.world, { ...common, count: 1, dark: true }), /no/);
    const leaseHolder = { identity: 'two@laptop/7', isGone: () => false };
    await withLease({ ...rehearsal.world, leaseHolder }, common, verb, async () => {
      const { details } = await status(rehearsal.world, { ...common, cloud: false });
      const notes = (details as StatusDetails).notes.map(String).join('\n');
      const waited = await waitZero(rehearsal.world, { ...common, ...zero });
      if (verb === 'scale') {
        assert.match(notes, /drained ordinal 3 of statefulset\/nginx no longer exists: scaled away/);
        assert.match(String(waited.message), /no longer exists/);
        return;
      }
      assert.match(
        notes,
        new RegExp(`^drained ordinal 3 of statefulset/nginx is not created yet: ${verb} writes the weight`, 'm'),
      );
      assert.doesNotMatch(notes, /scaled away|restore/);
      assert.match(String(waited.message), /drained ordinal 3 of statefulset\/nginx is not created yet$/);
      assert.deepEqual(waited.next.map(String), ['kubectl zeroloss status nginx']);
    });
  }
});
