import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PODS } from '../../../lib/ports/resources.ts';
import { FakeClock } from '../../fakes/clock.ts';
import { eventually, settled } from '../../fakes/eventually.ts';
import { appliedSet, imagesOf, podWrites, setImage, setSpec, startCluster, statusOf } from './cluster.ts';

const ROLLING = { updateStrategy: 'RollingUpdate' } as const;
const OLD = 'nginx:1.25.3';
const NEW = 'nginx:1.25.4';

test('a rolling update replaces pods one by one from the highest ordinal down, and then the update revision is current', async (t) => {
  const { kube } = startCluster(t, [appliedSet({ ...ROLLING, replicas: 3 })]);
  await eventually(() => assert.equal(statusOf(kube).readyReplicas, 3));
  const old = statusOf(kube).currentRevision;
  setImage(kube, NEW);
  await eventually(() => {
    assert.notEqual(statusOf(kube).updateRevision, old);
    assert.equal(statusOf(kube).currentRevision, statusOf(kube).updateRevision);
  });
  assert.deepEqual(podWrites(kube).slice(3), [
    'delete nginx-2',
    'create nginx-2',
    'delete nginx-1',
    'create nginx-1',
    'delete nginx-0',
    'create nginx-0',
  ]);
  assert.equal(statusOf(kube).currentReplicas, 3);
  assert.equal(statusOf(kube).updatedReplicas, 3);
});

test('a rolling update waits until the replacement is ready, also with Parallel', async (t) => {
  const { kube, kubelet } = startCluster(t, [appliedSet({ ...ROLLING, replicas: 3, podManagementPolicy: 'Parallel' })]);
  await eventually(() => assert.equal(statusOf(kube).readyReplicas, 3));
  kubelet.unready.add('nginx-2');
  setImage(kube, NEW);
  await eventually(() => assert.equal(imagesOf(kube)['nginx-2'], NEW));
  await settled();
  assert.deepEqual(imagesOf(kube), { 'nginx-0': OLD, 'nginx-1': OLD, 'nginx-2': NEW });
  kubelet.ready('nginx-2');
  await eventually(() => assert.deepEqual(imagesOf(kube), { 'nginx-0': NEW, 'nginx-1': NEW, 'nginx-2': NEW }));
});

test('below the partition pods stay on the old revision, even when they are recreated', async (t) => {
  const { kube } = startCluster(t, [appliedSet({ ...ROLLING, replicas: 3 })]);
  await eventually(() => assert.equal(statusOf(kube).readyReplicas, 3));
  const rolling = (partition: number) => ({ updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition } } });
  setSpec(kube, rolling(2));
  setImage(kube, NEW);
  await eventually(() => assert.equal(statusOf(kube).updatedReplicas, 1));
  await kube.delete(PODS, 'nginx-0', { uid: undefined });
  await eventually(() => assert.equal(podWrites(kube).at(-1), 'create nginx-0'));
  await eventually(() => assert.equal(statusOf(kube).currentReplicas, 2));
  assert.deepEqual(imagesOf(kube), { 'nginx-0': OLD, 'nginx-1': OLD, 'nginx-2': NEW });
  setSpec(kube, rolling(0));
  await eventually(() => assert.deepEqual(imagesOf(kube), { 'nginx-0': NEW, 'nginx-1': NEW, 'nginx-2': NEW }));
});

test('a pod is available only after it has been ready for minReadySeconds, and the update waits for that', async (t) => {
  const clock = new FakeClock();
  const set = appliedSet({ ...ROLLING, replicas: 2, minReadySeconds: 10, podManagementPolicy: 'Parallel' });
  const { kube } = startCluster(t, [set], { clock });
  await eventually(() => assert.equal(statusOf(kube).availableReplicas, 2));
  const started = clock.now();
  assert.ok(started >= clock.startMs + 10_000);
  setImage(kube, NEW);
  await eventually(() => assert.deepEqual(imagesOf(kube), { 'nginx-0': NEW, 'nginx-1': NEW }));
  assert.ok(clock.now() >= started + 10_000);
});

test('the update revision is not current before the last replacement is ready', async (t) => {
  const { kube, kubelet } = startCluster(t, [appliedSet({ ...ROLLING, replicas: 2, podManagementPolicy: 'Parallel' })]);
  await eventually(() => assert.equal(statusOf(kube).readyReplicas, 2));
  const old = statusOf(kube).currentRevision;
  kubelet.unready.add('nginx-0');
  setImage(kube, NEW);
  await eventually(() => assert.equal(statusOf(kube).updatedReplicas, 2));
  await settled();
  assert.equal(statusOf(kube).currentRevision, old);
  kubelet.ready('nginx-0');
  await eventually(() => assert.equal(statusOf(kube).currentRevision, statusOf(kube).updateRevision));
});

test('the partition counts from spec.ordinals.start', async (t) => {
  const { kube } = startCluster(t, [appliedSet({ ...ROLLING, replicas: 3 })]);
  await eventually(() => assert.equal(statusOf(kube).readyReplicas, 3));
  const updateStrategy = { type: 'RollingUpdate', rollingUpdate: { partition: 2 } };
  setSpec(kube, { updateStrategy, ordinals: { start: 5 } });
  await eventually(() => assert.deepEqual(Object.keys(imagesOf(kube)), ['nginx-5', 'nginx-6', 'nginx-7']));
  setImage(kube, NEW);
  await eventually(() => assert.deepEqual(imagesOf(kube), { 'nginx-5': OLD, 'nginx-6': OLD, 'nginx-7': NEW }));
  await kube.delete(PODS, 'nginx-6', { uid: undefined });
  await eventually(() => assert.equal(podWrites(kube).at(-1), 'create nginx-6'));
  await eventually(() => assert.deepEqual(imagesOf(kube), { 'nginx-5': OLD, 'nginx-6': OLD, 'nginx-7': NEW }));
});
