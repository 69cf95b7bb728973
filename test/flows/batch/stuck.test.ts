import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DisagreesError } from '../../../lib/core/errors.ts';
import { drain } from '../../../lib/flows/verbs/drain.ts';
import { recreate } from '../../../lib/flows/verbs/recreate.ts';
import { upgrade } from '../../../lib/flows/verbs/upgrade.ts';
import { STATEFUL_SETS } from '../../../lib/ports/resources.ts';
import { common, rehearse, zero } from '../rehearsal/rehearsal.ts';

describe('a replacement that never starts', () => {
  const statuses: Record<string, object> = {
    'an init container that crash loops': {
      initContainerStatuses: [
        {
          name: 'migrate',
          restartCount: 4,
          state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 40s' } },
        },
      ],
    },
    'no node that takes it': {
      conditions: [
        { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/3 nodes are available' },
      ],
    },
  };
  for (const [what, status] of Object.entries(statuses))
    it(`for ${what} ends the wait at once, with those words and the way back`, async () => {
      const rehearsal = rehearse();
      await drain(rehearsal.world, { ...common, ordinals: [0] });
      rehearsal.kube.replacement = () => ({ ready: false, phase: 'Pending', merge: { status } });
      const beganMs = rehearsal.clock.now();
      await assert.rejects(
        recreate(rehearsal.world, { ...common, ...zero, timeoutMs: 900_000, evict: false, force: false }),
        (error: unknown) =>
          error instanceof DisagreesError &&
          /pod\/nginx-0 does not start: .*(back-off 40s|0\/3 nodes are available)/.test(error.message) &&
          /kubectl zeroloss rollback nginx/.test(error.hint ?? ''),
      );
      assert.ok(rehearsal.clock.now() - beganMs < 60_000);
    });
});

describe('--image', () => {
  it('takes init containers and sidecars, each where it stands in the template', async () => {
    const initContainers = [{ name: 'proxy', image: 'proxy:1', restartPolicy: 'Always' }];
    const rehearsal = rehearse({
      replicas: 2,
      settled: true,
      set: { merge: { spec: { template: { spec: { initContainers } } } } },
    });
    const wish = { ...common, ...zero, batch: 1, surge: 0, soakMs: 0, yes: true, takeOver: false, evict: false };
    const images = { proxy: 'proxy:2', nginx: 'nginx:9' };
    // No one plays the controller here: the upgrade waits for the new revision, and is stopped by its time-out.
    await assert.rejects(upgrade(rehearsal.world, { ...wish, images, timeoutMs: 2_000 }));
    const set = rehearsal.kube.object(STATEFUL_SETS, 'nginx') as unknown as {
      spec: { template: { spec: Record<string, { name: string; image: string }[]> } };
    };
    const { spec } = set.spec.template;
    assert.deepEqual(
      spec['initContainers']?.map(({ image }) => image),
      ['proxy:2'],
    );
    assert.deepEqual(
      spec['containers']?.map(({ image }) => image),
      ['nginx:9'],
    );
  });
});
