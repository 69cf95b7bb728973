import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PODS, REPLICA_SETS } from '../../../../lib/ports/resources.ts';
import { FakeClock } from '../../../fakes/clock.ts';
import { eventually, settled } from '../../../fakes/eventually.ts';
import {
  deployment,
  deploymentOf,
  podsByImage,
  progressing,
  setImage,
  setSpec,
  setsOf,
  sizes,
  startCluster,
} from './cluster.ts';

const REVISION = 'deployment.kubernetes.io/revision';
const complete = async (kube: Parameters<typeof sizes>[0], replicas: number) =>
  eventually(() => {
    const { status } = deploymentOf(kube);
    assert.deepEqual(
      [status?.updatedReplicas, status?.availableReplicas, status?.replicas],
      [replicas, replicas, replicas],
    );
    assert.equal(progressing(kube)?.reason, 'NewReplicaSetAvailable');
  });

test('a new Deployment gets one ReplicaSet of revision 1 with all its pods, and is complete when they are ready', async (t) => {
  const { kube } = startCluster(t, [deployment({ replicas: 4 }, { team: 'a' })]);
  await complete(kube, 4);
  const [set] = setsOf(kube);
  assert.equal(set?.metadata.annotations?.[REVISION], '1');
  assert.equal(set?.metadata.annotations?.['team'], 'a');
  assert.equal(set?.metadata.annotations?.['deployment.kubernetes.io/max-replicas'], '5');
  assert.equal(deploymentOf(kube).metadata.annotations?.[REVISION], '1');
  await settled();
  assert.equal(kube.objects(PODS).length, 4);
});

test('ten replicas with 25 % each: first three new ones, then two old ones go, then four once one of the new is ready', async (t) => {
  const { kube, kubelet } = startCluster(t, [deployment({ replicas: 10 })]);
  await complete(kube, 10);
  kubelet.unready.add('*');
  setImage(kube, 'web:2');
  await eventually(() => assert.deepEqual(sizes(kube), { 'web:1': 8, 'web:2': 5 }));
  await settled();
  // 13 pods at most, and 8 available: nothing moves before a new one is ready.
  assert.deepEqual(podsByImage(kube), { 'web:1': 8, 'web:2': 5 });
  kubelet.unready.delete('*');
  for (const pod of kube.objects(PODS)) kubelet.visit(pod.metadata.name);
  await complete(kube, 10);
  assert.deepEqual(podsByImage(kube), { 'web:2': 10 });
});

test('a template that was there before gets its ReplicaSet back as the newest revision', async (t) => {
  const { kube } = startCluster(t, [deployment()]);
  await complete(kube, 3);
  setImage(kube, 'web:2');
  await eventually(() => assert.deepEqual(sizes(kube), { 'web:1': 0, 'web:2': 3 }));
  await complete(kube, 3);
  setImage(kube, 'web:1');
  await eventually(() => assert.deepEqual(sizes(kube), { 'web:1': 3, 'web:2': 0 }));
  await eventually(() => assert.equal(deploymentOf(kube).metadata.annotations?.[REVISION], '3'));
  const back = setsOf(kube).find((set) => set.spec.replicas === 3);
  assert.equal(back?.metadata.annotations?.[REVISION], '3');
  assert.equal(back?.metadata.annotations?.['deployment.kubernetes.io/revision-history'], '1');
});

test('Recreate makes no new pod before the last old one has ended', async (t) => {
  const { kube, kubelet } = startCluster(t, [deployment({ strategy: { type: 'Recreate' } })]);
  await complete(kube, 3);
  const names = kube.objects(PODS).map(({ metadata }) => metadata.name);
  for (const name of names) kubelet.lingering.add(name);
  setImage(kube, 'web:2');
  await eventually(() => assert.deepEqual(podsByImage(kube), {}));
  await settled();
  assert.deepEqual(sizes(kube), { 'web:1': 0 });
  for (const name of names) kubelet.end(name);
  await complete(kube, 3);
  assert.deepEqual(podsByImage(kube), { 'web:2': 3 });
});

test('a paused Deployment takes a new size and no new template, and goes on when it is resumed', async (t) => {
  const { kube } = startCluster(t, [deployment()]);
  await complete(kube, 3);
  setSpec(kube, (spec) => Object.assign(spec, { paused: true }));
  await eventually(() => assert.equal(progressing(kube)?.reason, 'DeploymentPaused'));
  setImage(kube, 'web:2');
  setSpec(kube, (spec) => Object.assign(spec, { replicas: 5 }));
  await eventually(() => assert.deepEqual(podsByImage(kube), { 'web:1': 5 }));
  await settled();
  assert.equal(setsOf(kube).length, 1);
  setSpec(kube, (spec) => Object.assign(spec, { paused: false }));
  await complete(kube, 5);
  assert.deepEqual(podsByImage(kube), { 'web:2': 5 });
});

test('a new size in the middle of a rollout is shared out among the ReplicaSets in proportion', async (t) => {
  const rolling = { maxSurge: 3, maxUnavailable: 2 };
  const { kube, kubelet } = startCluster(t, [
    deployment({ replicas: 10, strategy: { type: 'RollingUpdate', rollingUpdate: rolling } }),
  ]);
  await complete(kube, 10);
  kubelet.unready.add('*');
  setImage(kube, 'web:2');
  await eventually(() => assert.deepEqual(sizes(kube), { 'web:1': 8, 'web:2': 5 }));
  // The example of the Kubernetes documentation: from 10 to 15, three more of the larger and two more of the smaller.
  setSpec(kube, (spec) => Object.assign(spec, { replicas: 15 }));
  await eventually(() => assert.deepEqual(sizes(kube), { 'web:1': 11, 'web:2': 7 }));
  await settled();
  assert.deepEqual(sizes(kube), { 'web:1': 11, 'web:2': 7 });
});

test('minReadySeconds holds the old pods until the new ones have been ready for that long', async (t) => {
  const clock = new FakeClock();
  const { kube } = startCluster(t, [deployment({ replicas: 2, minReadySeconds: 10 })], { clock });
  await complete(kube, 2);
  const startMs = clock.now();
  setImage(kube, 'web:2');
  await eventually(() => assert.deepEqual(sizes(kube), { 'web:1': 0, 'web:2': 2 }));
  assert.ok(clock.now() >= startMs + 10_000);
});

test('a rollout that does not move is past its deadline, reports it, and is complete once it moves', async (t) => {
  const clock = new FakeClock();
  const { kube, kubelet } = startCluster(t, [deployment({ replicas: 2, progressDeadlineSeconds: 60 })], { clock });
  await complete(kube, 2);
  kubelet.unready.add('*');
  setImage(kube, 'web:2');
  await eventually(() => assert.equal(progressing(kube)?.reason, 'ProgressDeadlineExceeded'));
  assert.equal(progressing(kube)?.status, 'False');
  kubelet.unready.delete('*');
  for (const pod of kube.objects(PODS)) kubelet.visit(pod.metadata.name);
  await complete(kube, 2);
});

test('old ReplicaSets beyond revisionHistoryLimit go, the oldest revision first', async (t) => {
  const { kube } = startCluster(t, [deployment({ revisionHistoryLimit: 1 })]);
  await complete(kube, 3);
  for (const image of ['web:2', 'web:3']) {
    setImage(kube, image);
    await eventually(() => assert.equal(sizes(kube)[image], 3));
    await complete(kube, 3);
  }
  await eventually(() => assert.deepEqual(sizes(kube), { 'web:2': 0, 'web:3': 3 }));
});

test('a pod that was deleted is replaced at once, and an orphan that matches is taken over', async (t) => {
  const { kube } = startCluster(t, [deployment({ replicas: 2 })]);
  await complete(kube, 2);
  const [pod] = kube.objects(PODS);
  await kube.delete(PODS, pod?.metadata.name ?? '', { uid: pod?.metadata.uid });
  await eventually(() => assert.equal(kube.objects(PODS).length, 2));
  const [set] = setsOf(kube);
  const labels = set?.spec.template.metadata?.labels ?? {};
  kube.put({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'stray', labels }, spec: { containers: [] } });
  await eventually(() => assert.equal(kube.objects(PODS).length, 2));
  const owners = kube.objects(PODS).map(({ metadata }) => metadata.ownerReferences?.[0]?.uid);
  await eventually(() => assert.ok(owners.every((uid) => uid === kube.objects(REPLICA_SETS)[0]?.metadata.uid)));
});
