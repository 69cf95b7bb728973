/** Other writers of the replicas, and the volumes that a surplus pod claims or finds. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { resourceOf } from '../../../sandbox/start/apply-manifest.ts';
import type { E2eCluster } from '../cluster/cluster.ts';
import { closeCluster, openCluster } from '../cluster/shared-cluster.ts';
import { FAST } from '../stage/stage.ts';
import { checked, objectsOf, openCase, refused } from './case.ts';

let cluster: E2eCluster;
before(async () => {
  cluster = await openCluster();
});
after(closeCluster);

test('08: KEDA’s autoscaler is answered with KEDA’s own switch, which a patch would not be', async (t) => {
  const stage = await openCase(t, cluster, '08-keda');
  const cure = /annotate scaledobject mq autoscaling\.keda\.sh\/paused=true/;
  assert.match(await checked(stage, 'mq'), cure);
  const said = await refused(stage, 'no-autoscaler', 'surge', 'mq', '1');
  assert.match(said, cure);
  assert.doesNotMatch(said, /patch hpa/);
});

test('08: TKE’s cron scaler is named with its times, and refuses a surge that it would undo; others are not its business', async (t) => {
  const stage = await openCase(t, cluster, '08-cron-scaler');
  const names =
    /horizontalpodcronscaler\/mq-nightly scales statefulset\/mq to 3 at "0 0 22 \* \* \*", to 6 at "0 0 8 \* \* \*"/;
  assert.match(await checked(stage, 'mq'), new RegExp(`WARN +no-autoscaler: ${names.source}`));
  const said = await refused(stage, 'no-autoscaler', 'surge', 'mq', '1');
  assert.match(said, names);
  assert.match(said, /to fix it: kubectl .*get horizontalpodcronscaler\/mq-nightly/);
  await refused(
    stage,
    'no-autoscaler',
    'upgrade',
    'mq',
    '--image',
    'mq=example/mq:2',
    '--surge',
    '1',
    '--yes',
    ...FAST,
  );
  const plan = await stage.ok('plan', 'mq', '--image', 'mq=example/mq:2', '--surge', '1');
  assert.match(plan.stdout + plan.stderr, names);

  // One that points at another workload of the name, or is gone, owns nothing.
  const cron = (await objectsOf('08-cron-scaler')).find(({ kind }) => kind === 'HorizontalPodCronscaler');
  const scaler = resourceOf(cron ?? assert.fail());
  await stage.patch('mq-nightly', { spec: { scaleTarget: { apiVersion: 'apps.kruise.io/v1beta1' } } }, scaler);
  assert.doesNotMatch(await checked(stage, 'mq'), /mq-nightly/);
  await stage.patch('mq-nightly', { spec: { scaleTarget: { apiVersion: 'apps/v1' } } }, scaler);
  assert.match(await checked(stage, 'mq'), /mq-nightly/);
  await cluster.kube.delete(scaler, 'mq-nightly', { namespace: stage.namespace, uid: undefined });
  assert.match(await checked(stage, 'mq'), /OK +no-autoscaler/);
  await stage.ok('surge', 'mq', '1');
});

test('23: a StatefulSet with volumes can be patched, and a surge shows the volume that is there already', async (t) => {
  const stage = await openCase(t, cluster, '23-volumes');
  const stale = /surplus claims volumes: data-db-2; data-db-2 is there already, with the data of an earlier pod/;
  assert.match(await checked(stage, 'db'), stale);
  const surged = await stage.ok('surge', 'db', '1');
  assert.match(surged.stderr, stale);
  assert.match(surged.stderr, /deleted when the surplus is scaled away \(whenScaled: Delete\)/);
  await stage.ok('upgrade', 'db', '--image', 'db=example/db:2', '--surge', '1', '--yes', ...FAST);
  const { items } = await cluster.kube.list(resourceOf(await claim()), { namespace: stage.namespace });
  assert.deepEqual(items.map(({ metadata }) => metadata.name).sort(), ['data-db-0', 'data-db-1']);
});

const claim = async () =>
  (await objectsOf('23-volumes')).find(({ kind }) => kind === 'PersistentVolumeClaim') ?? assert.fail();
