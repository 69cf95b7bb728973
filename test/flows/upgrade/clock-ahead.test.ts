import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { upgrade } from '../../../lib/flows/verbs/upgrade.ts';
import { PODS } from '../../../lib/ports/resources.ts';
import { rehearse, upgradeIntent } from '../rehearsal/rehearsal.ts';

const SOAK_MS = 600_000;

describe('the soak of a pod that an earlier run has updated', () => {
  for (const more of [{}, { maxUnavailable: { kind: 'count', count: 1 } as const }])
    it(`is not cut short by a clock that is ahead${'maxUnavailable' in more ? ', by a window' : ''}`, async () => {
      const aheadMs = 1_200_000;
      const { kube, clock, world } = rehearse({ replicas: 3, updated: [0] });
      Object.assign(kube, { clockAheadMs: () => aheadMs });
      kube.edit(PODS, 'nginx-0', (pod) => {
        const { conditions } = pod['status'] as { conditions: { type: string; lastTransitionTime?: string }[] };
        for (const condition of conditions)
          if (condition.type === 'Ready')
            condition.lastTransitionTime = new Date(clock.startMs - aheadMs - 1000).toISOString();
      });
      let firstDrainMs = Number.NaN;
      kube.beforeWrite(({ resource }) => {
        if (resource === 'services' && Number.isNaN(firstDrainMs)) firstDrainMs = clock.now() - clock.startMs;
      });
      const minServing = { kind: 'count', count: 1 } as const;
      await upgrade(world, upgradeIntent({ ...more, soakMs: SOAK_MS, timeoutMs: 3_600_000, minServing }));
      assert.ok(firstDrainMs >= SOAK_MS - 2000, `${firstDrainMs} ms`);
    });
});
