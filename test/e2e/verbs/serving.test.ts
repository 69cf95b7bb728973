/** The pods that serve: by the annotation and by the load balancer, both. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { E2eCluster } from '../cluster/cluster.ts';
import { closeCluster, openCluster } from '../cluster/shared-cluster.ts';
import { FAST, openStage, RS_WEIGHT } from '../stage/stage.ts';
import { assertUnwritten } from '../stage/unwritten.ts';

let cluster: E2eCluster;
before(async () => {
  cluster = await openCluster();
});
after(closeCluster);

test('weights that were taken away a moment ago serve no more, though the load balancer shows them still', async (t) => {
  const stage = await openStage(t, cluster, { replicas: 4 });
  cluster.serviceController.pause();
  t.after(() => cluster.serviceController.resume());
  await stage.patch('nginx', { metadata: { annotations: { [RS_WEIGHT]: '{"defaultWeight":0}' } } });
  const refused = { code: 4, says: [/^ {2}floor: .*only 0 backends would keep serving/m, /^ {2}some-weight: /m] };
  await assertUnwritten(stage, ['drain', 'nginx', '0,1'], refused);
});

test('a drain of every backend says that nothing serves now, and how to give weights back', async (t) => {
  const stage = await openStage(t, cluster, { replicas: 2 });
  const { stderr } = await stage.ok('drain', 'nginx', '0-1', '--min-serving', '0');
  assert.match(stderr, /nothing serves now at service\/nginx TCP\/80.*kubectl zeroloss restore nginx/);
  await stage.ok('restore', 'nginx');
});

test('a restore after which no pod serves reports it', async (t) => {
  const stage = await openStage(t, cluster, { replicas: 2 });
  await stage.patch('nginx', { metadata: { annotations: { [RS_WEIGHT]: '{"defaultWeight":0}' } } });
  const { stderr } = await stage.ok('restore', 'nginx', '--weights-only');
  assert.match(stderr, /no pod serves service\/nginx TCP.80 now/);
});

test('advance of half of the pods gives back, sees it, and then drains; typed again it has done so already', async (t) => {
  const stage = await openStage(t, cluster, { replicas: 4 });
  await stage.setImage();
  await stage.ok('drain', 'nginx', '0,1');
  await stage.ok('wait-zero', 'nginx', ...FAST);
  await stage.ok('recreate', 'nginx', ...FAST);
  const traffic = await stage.traffic();
  const { stderr } = await stage.ok('advance', 'nginx');
  assert.match(stderr, /weights back for ordinals 0,1 first/);
  const again = await stage.ok('advance', 'nginx');
  assert.match(again.stdout, /^service\/nginx already advanced/);
  const report = await traffic.stop();
  assert.deepEqual([report.lost, report.errorAnswers], [[], 0]);
});
