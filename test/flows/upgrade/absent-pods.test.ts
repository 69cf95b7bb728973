import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NotYetError } from '../../../lib/core/errors.ts';
import type { UpgradeIntent } from '../../../lib/core/intent/intent.ts';
import { advance } from '../../../lib/flows/verbs/advance.ts';
import { upgrade } from '../../../lib/flows/verbs/upgrade.ts';
import { PODS } from '../../../lib/ports/resources.ts';
import type { KubeObject } from '../../../lib/ports.ts';
import { common, deletions, rehearse, upgradeIntent } from '../rehearsal/rehearsal.ts';

const BOTH: Partial<UpgradeIntent>[] = [{}, { maxUnavailable: { kind: 'count', count: 1 } }];
const isNotYet = (message: RegExp) => (error: unknown) =>
  error instanceof NotYetError && error.exitCode === 6 && message.test(error.message);

/** Three pods that are updated, the last of which is not there. */
function withoutLast() {
  const rehearsal = rehearse({ replicas: 3, updated: [0, 1, 2] });
  const last = rehearsal.kube.object(PODS, 'nginx-2') as KubeObject;
  rehearsal.kube.remove(PODS, 'nginx-2');
  return { ...rehearsal, last };
}

describe('the end of an upgrade', () => {
  it('waits for an ordinal that has no pod, and ends with 6 where none comes', async () => {
    for (const more of BOTH) {
      const { world } = withoutLast();
      await assert.rejects(upgrade(world, upgradeIntent(more)), isNotYet(/nginx-2 does not exist/));
    }
  });

  it('comes once the pod is there', async () => {
    for (const more of BOTH) {
      const { world, kube, clock, last } = withoutLast();
      clock.at(20_000, () => void kube.put(last));
      assert.equal((await upgrade(world, upgradeIntent(more))).exitCode, 0);
      assert.ok(clock.now() - clock.startMs >= 20_000);
    }
  });

  it('comes after the batches of the pods that are there', async () => {
    const rehearsal = rehearse({ replicas: 3 });
    rehearsal.kube.remove(PODS, 'nginx-2');
    const wish = upgradeIntent({ minServing: { kind: 'count', count: 0 } });
    await assert.rejects(upgrade(rehearsal.world, wish), isNotYet(/nginx-2 does not exist/));
    assert.deepEqual(deletions(rehearsal), ['nginx-0', 'nginx-1']);
  });
});

describe('the end of advance', () => {
  it('is 6, not 3, while an ordinal has no pod', async () => {
    const { world } = withoutLast();
    await assert.rejects(advance(world, common), isNotYet(/not every pod is well: nginx-2 does not exist/));
    await assert.rejects(advance(world, { ...common, dryRun: 'client' }), NotYetError);
  });

  it('is 6, not 3, while the load balancer finds a pod dead', async () => {
    const { world, balancer } = rehearse({ replicas: 3, updated: [0, 1, 2] });
    balancer.health.set('nginx-2', 'dead');
    await assert.rejects(advance(world, common), isNotYet(/nginx-2 is dead at service\/nginx/));
  });

  it('is 3 once that pod is healthy', async () => {
    const { world, balancer, clock } = rehearse({ replicas: 3, updated: [0, 1, 2] });
    balancer.health.set('nginx-2', 'dead');
    clock.at(10_000, () => void balancer.health.clear());
    assert.equal((await advance(world, common)).exitCode, 3);
    assert.ok(clock.now() - clock.startMs >= 10_000);
  });
});
