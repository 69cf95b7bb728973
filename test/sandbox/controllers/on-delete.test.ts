import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CONTROLLER_REVISIONS, PODS, STATEFUL_SETS } from '../../../lib/ports/resources.ts';
import { eventually, settled } from '../../fakes/eventually.ts';
import { appliedSet, imagesOf, podWrites, setImage, setSpec, startCluster, statusOf } from './cluster.ts';

test('an OnDelete upgrade of 3 shows at every stage the status that a real control plane shows', async (t) => {
  const { kube, kubelet } = startCluster(t, [appliedSet({ replicas: 3 })]);
  const counts = { replicas: 3, readyReplicas: 3, availableReplicas: 3, collisionCount: 0 };
  let old = '';
  await eventually(() => {
    old = statusOf(kube).currentRevision ?? '';
    const all = { ...counts, observedGeneration: 1, currentReplicas: 3, updatedReplicas: 3 };
    assert.deepEqual(statusOf(kube), { ...all, currentRevision: old, updateRevision: old });
  });
  assert.match(old, /^nginx-[a-z0-9]+$/);

  setImage(kube, 'nginx:1.25.4');
  let update = '';
  await eventually(() => {
    update = statusOf(kube).updateRevision ?? '';
    assert.notEqual(update, old);
    const base = { ...counts, observedGeneration: 2, currentRevision: old, updateRevision: update };
    assert.deepEqual(statusOf(kube), { ...base, currentReplicas: 3 });
  });
  const base = { ...counts, observedGeneration: 2, currentRevision: old, updateRevision: update };

  kubelet.lingering.add('nginx-1');
  await kube.delete(PODS, 'nginx-1', { uid: undefined });
  // The terminating pod is still ready: readyReplicas proves nothing right after a delete.
  await eventually(() => assert.deepEqual(statusOf(kube), { ...base, currentReplicas: 2 }));
  kubelet.end('nginx-1');
  await eventually(() => assert.deepEqual(statusOf(kube), { ...base, currentReplicas: 2, updatedReplicas: 1 }));

  await kube.delete(PODS, 'nginx-0', { uid: undefined });
  await eventually(() => assert.deepEqual(statusOf(kube), { ...base, currentReplicas: 1, updatedReplicas: 2 }));
  await kube.delete(PODS, 'nginx-2', { uid: undefined });
  // currentRevision never catches up, and currentReplicas vanishes.
  await eventually(() => assert.deepEqual(statusOf(kube), { ...base, updatedReplicas: 3 }));
});

test('under OnDelete nothing is deleted, and a pod deleted by hand comes back with the new template, labels and revision', async (t) => {
  const { kube } = startCluster(t, [appliedSet({ replicas: 2 })]);
  await eventually(() => assert.equal(statusOf(kube).readyReplicas, 2));
  const before = kube.object(PODS, 'nginx-0');
  kube.edit(STATEFUL_SETS, 'nginx', (object) => {
    const { template } = object['spec'] as {
      template: { metadata: { labels: Record<string, string>; annotations: Record<string, string> } };
    };
    template.metadata.labels['tier'] = 'edge';
    template.metadata.annotations['note'] = 'new';
  });
  await eventually(() => assert.notEqual(statusOf(kube).updateRevision, statusOf(kube).currentRevision));
  await settled();
  assert.deepEqual(podWrites(kube), ['create nginx-0', 'create nginx-1']);

  await kube.delete(PODS, 'nginx-0', { uid: before?.metadata.uid });
  await eventually(() => assert.equal(statusOf(kube).updatedReplicas, 1));
  const after = kube.object(PODS, 'nginx-0');
  assert.notEqual(after?.metadata.uid, before?.metadata.uid);
  assert.deepEqual(after?.metadata.labels, {
    app: 'nginx',
    tier: 'edge',
    'apps.kubernetes.io/pod-index': '0',
    'controller-revision-hash': statusOf(kube).updateRevision,
    'statefulset.kubernetes.io/pod-name': 'nginx-0',
  });
  assert.equal(after?.metadata.annotations?.['note'], 'new');
  assert.equal(kube.object(PODS, 'nginx-1')?.metadata.labels?.['tier'], undefined);
});

test('surplus pods of a scale-up during an OnDelete upgrade start on the new image', async (t) => {
  const { kube } = startCluster(t, [appliedSet({ replicas: 1 })]);
  await eventually(() => assert.equal(statusOf(kube).readyReplicas, 1));
  setImage(kube, 'nginx:1.25.4');
  setSpec(kube, { replicas: 2 });
  await eventually(() => assert.deepEqual(imagesOf(kube), { 'nginx-0': 'nginx:1.25.3', 'nginx-1': 'nginx:1.25.4' }));
});

test('going back to an old template reuses its revision with the next number', async (t) => {
  const { kube } = startCluster(t, [appliedSet({ replicas: 1 })]);
  await eventually(() => assert.equal(statusOf(kube).readyReplicas, 1));
  const old = statusOf(kube).updateRevision ?? '';
  setImage(kube, 'nginx:1.25.4');
  await eventually(() => assert.notEqual(statusOf(kube).updateRevision, old));
  const update = statusOf(kube).updateRevision ?? '';
  const numbers = () =>
    Object.fromEntries(kube.objects(CONTROLLER_REVISIONS).map((one) => [one.metadata.name, one['revision']]));
  assert.deepEqual(numbers(), { [old]: 1, [update]: 2 });

  // The patch of `kubectl rollout undo`: the revision's data, word for word.
  const data = kube.object(CONTROLLER_REVISIONS, old)?.['data'] as object;
  await kube.patch(STATEFUL_SETS, 'nginx', data, { type: 'strategic' });
  await eventually(() => assert.equal(statusOf(kube).updateRevision, old));
  assert.deepEqual(numbers(), { [old]: 3, [update]: 2 });
  await eventually(() => assert.equal(statusOf(kube).updatedReplicas, 1));
});

test('a change outside of the template makes no revision', async (t) => {
  const { kube } = startCluster(t, [appliedSet({ replicas: 1 })]);
  await eventually(() => assert.equal(statusOf(kube).readyReplicas, 1));
  setSpec(kube, { replicas: 2 });
  await eventually(() => assert.equal(statusOf(kube).readyReplicas, 2));
  assert.equal(statusOf(kube).observedGeneration, 2);
  assert.equal(kube.objects(CONTROLLER_REVISIONS).length, 1);
});

test('the history keeps revisionHistoryLimit revisions beside those in use', async (t) => {
  const { kube } = startCluster(t, [appliedSet({ replicas: 1, merge: { spec: { revisionHistoryLimit: 1 } } })]);
  for (const image of ['nginx:2', 'nginx:3', 'nginx:4', 'nginx:5']) {
    const before = statusOf(kube).updateRevision;
    setImage(kube, image);
    await eventually(() => assert.notEqual(statusOf(kube).updateRevision, before));
  }
  const revisions = () => kube.objects(CONTROLLER_REVISIONS).map((one) => one['revision']);
  // In use: the pod's (the first that was seen) and the newest; kept beside them: one.
  await eventually(() => assert.equal(revisions().length, 3));
  assert.ok(kube.object(CONTROLLER_REVISIONS, statusOf(kube).currentRevision ?? ''));
  assert.ok(kube.object(CONTROLLER_REVISIONS, statusOf(kube).updateRevision ?? ''));
});
