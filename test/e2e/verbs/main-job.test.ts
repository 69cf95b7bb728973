/** The main job: ten pods upgraded under live traffic, and no connection lost; on a good day and on a bad one. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { startE2eCluster } from '../cluster/start-cluster.ts';
import { assertNothingLost, rehearseUpgrade } from '../stage/rehearsed-upgrade.ts';
import { openTrouble } from '../stage/trouble/api-trouble.ts';

test('ten pods are upgraded under live traffic, and no connection is lost', async () => {
  assertNothingLost(await rehearseUpgrade({ batch: 4 }));
});

test('no connection is lost when the API server is slow and refuses requests', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'zeroloss-trouble-'));
  const kubeconfig = join(folder, 'kubeconfig');
  let refused = 0;
  const start = async () => {
    const cluster = await startE2eCluster();
    const trouble = await openTrouble(cluster.kubeconfig, kubeconfig, { delayMs: 100, refuseEvery: 25 });
    const stop = async () => {
      refused = trouble.refused;
      await trouble.stop();
      await cluster.stop();
    };
    return { ...cluster, environment: { ...cluster.environment, KUBECONFIG: kubeconfig }, stop };
  };
  try {
    assertNothingLost(await rehearseUpgrade({ batch: 5, start, shortPerSecond: 80 }));
    assert.ok(refused > 3, `only ${refused} requests were refused`);
  } finally {
    await rm(folder, { recursive: true });
  }
});
