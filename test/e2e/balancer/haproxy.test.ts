/**
 * Clients and a load balancer that others wrote: wrk through HAProxy, by their own counts. A plain deletion under the same
 * load loses requests, so that the zero of the verbs says something. TCP only; UDP is not covered.
 */
import assert from 'node:assert/strict';
import { after, before, type TestContext, test } from 'node:test';
import { PODS } from '../../../lib/ports/resources.ts';
import { startJudge } from '../../../sandbox/experiments/clients/judge.ts';
import { haproxyVersion } from '../../haproxy/haproxy.ts';
import { haproxyCarrier } from '../../haproxy/haproxy-carrier.ts';
import type { E2eCluster } from '../cluster/cluster.ts';
import { startE2eCluster } from '../cluster/start-cluster.ts';
import { FAST, NEW_IMAGE, openStage, type Stage } from '../stage/stage.ts';

let cluster: E2eCluster;
before(async () => {
  assert.match(haproxyVersion(), /^HAProxy version /);
  cluster = await startE2eCluster({ carrier: haproxyCarrier });
});
after(() => cluster.stop());

/** Two clients in a closed loop, each request on a connection of its own. */
async function wrkAt(t: TestContext, stage: Stage) {
  const wrk = startJudge(await stage.frontDoor(), { kind: 'judge', program: 'wrk', clients: 2, path: '/' });
  t.after(() => wrk.stop());
  return wrk;
}

for (const [how, words] of [
  ['in batches', ['--batch', '2']],
  ['by the window', ['--max-unavailable', '2']],
] as const)
  test(`an upgrade ${how} through HAProxy loses none of wrk's requests`, async (t) => {
    const stage = await openStage(t, cluster, { replicas: 4 });
    const traffic = await stage.traffic();
    const wrk = await wrkAt(t, stage);
    const image = `nginx=${NEW_IMAGE}`;
    const upgrade = ['upgrade', 'nginx', '--image', image, '--yes', ...words, ...FAST];
    const { code, stderr } = await stage.run(upgrade, { timeoutMs: 300_000 });
    assert.equal(code, 0, stderr);
    const judged = await wrk.stop();
    assert.equal(judged.lost, 0);
    assert.ok(judged.requests > 1000, `only ${judged.requests} requests: that proves little`);
    assert.deepEqual((await traffic.stop()).lost, []);
    assert.deepEqual([...new Set(Object.values(await stage.images()))], [NEW_IMAGE]);
  });

test('a plain deletion through HAProxy loses requests of wrk', async (t) => {
  const stage = await openStage(t, cluster, { replicas: 4 });
  const wrk = await wrkAt(t, stage);
  const before = await stage.uids();
  for (const name of ['nginx-0', 'nginx-1'])
    await cluster.kube.delete(PODS, name, { namespace: stage.namespace, uid: before[name] });
  await stage.until('both are other pods', async () => {
    const now = await stage.uids();
    return ['nginx-0', 'nginx-1'].every((name) => now[name] !== undefined && now[name] !== before[name]);
  });
  await stage.settled(4);
  const { lost, requests } = await wrk.stop();
  assert.ok(lost > 0, `none of ${requests} requests was lost`);
});
