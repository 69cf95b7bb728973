import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EVENTS, PERSISTENT_VOLUME_CLAIMS, PODS, STATEFUL_SETS } from '../../../lib/ports/resources.ts';
import type { KubeObject } from '../../../lib/ports.ts';
import { startGarbageCollector } from '../../../sandbox/controllers/garbage-collector.ts';
import { startVolumeController } from '../../../sandbox/controllers/volume-controller.ts';
import type { FakeKube } from '../../fakes/api/kube.ts';
import { eventually, settled } from '../../fakes/eventually.ts';
import { appliedSet, setSpec, startCluster, statusOf } from './cluster.ts';

const TEMPLATE = {
  metadata: { name: 'data', labels: { tier: 'db' } },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
};

type Retention = { whenDeleted?: 'Retain' | 'Delete'; whenScaled?: 'Retain' | 'Delete' };

const setWithClaims = (replicas: number, persistentVolumeClaimRetentionPolicy: Retention = {}) =>
  appliedSet({
    uid: 'set-uid',
    replicas,
    merge: { spec: { volumeClaimTemplates: [TEMPLATE], persistentVolumeClaimRetentionPolicy } },
  });

const claim = (name: string, metadata: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name, namespace: 'default', ...metadata },
});

const names = (kube: FakeKube) => kube.objects(PERSISTENT_VOLUME_CLAIMS).map((object) => object.metadata.name);
const ownersOf = (kube: FakeKube, name: string) =>
  kube.object(PERSISTENT_VOLUME_CLAIMS, name)?.metadata.ownerReferences?.map((owner) => `${owner.kind} ${owner.name}`);

test('each pod gets a claim of each template, named after template, set and ordinal, with the labels of the selector', async (t) => {
  const { kube } = startCluster(t, [setWithClaims(2)]);
  await eventually(() => assert.equal(statusOf(kube).readyReplicas, 2));
  assert.deepEqual(names(kube), ['data-nginx-0', 'data-nginx-1']);
  const made = kube.object(PERSISTENT_VOLUME_CLAIMS, 'data-nginx-0');
  assert.deepEqual(made?.metadata.labels, { tier: 'db', app: 'nginx' });
  assert.deepEqual(made?.['spec'], TEMPLATE.spec);
  const messages = kube.objects(EVENTS).map((event) => event['message']);
  assert.ok(messages.includes('create Claim data-nginx-0 Pod nginx-0 in StatefulSet nginx success'));
});

test('the claim is there before its pod', async (t) => {
  const { kube } = startCluster(t, [setWithClaims(1)]);
  await eventually(() => assert.equal(statusOf(kube).readyReplicas, 1));
  const created = kube.writes
    .filter(({ verb, resource }) => verb === 'create' && resource !== 'events' && resource !== 'controllerrevisions')
    .map(({ resource, name }) => `${resource} ${name}`);
  assert.deepEqual(created, ['persistentvolumeclaims data-nginx-0', 'pods nginx-0']);
});

test('scaling in keeps the claims, and scaling out finds them again', async (t) => {
  const { kube } = startCluster(t, [setWithClaims(3)]);
  await eventually(() => assert.equal(statusOf(kube).readyReplicas, 3));
  const before = kube.object(PERSISTENT_VOLUME_CLAIMS, 'data-nginx-2')?.metadata.uid;
  setSpec(kube, { replicas: 1 });
  await eventually(() => assert.equal(statusOf(kube).replicas, 1));
  assert.equal(names(kube).length, 3);
  setSpec(kube, { replicas: 3 });
  await eventually(() => assert.equal(statusOf(kube).readyReplicas, 3));
  assert.equal(kube.object(PERSISTENT_VOLUME_CLAIMS, 'data-nginx-2')?.metadata.uid, before);
});

test('whenScaled Delete gives the claim of a pod that is scaled away to that pod, and the others stay', async (t) => {
  const { kube, kubelet } = startCluster(t, [setWithClaims(2, { whenScaled: 'Delete' })]);
  const collector = startGarbageCollector(kube);
  t.after(() => collector.stop());
  await eventually(() => assert.equal(statusOf(kube).readyReplicas, 2));
  assert.equal(ownersOf(kube, 'data-nginx-1'), undefined);
  kubelet.lingering.add('nginx-1');
  setSpec(kube, { replicas: 1 });
  await eventually(() => assert.deepEqual(ownersOf(kube, 'data-nginx-1'), ['Pod nginx-1']));
  kubelet.end('nginx-1');
  await eventually(() => assert.deepEqual(names(kube), ['data-nginx-0']));
});

test('a pod that is wanted again before it is gone gives its claim back', async (t) => {
  const { kube, kubelet } = startCluster(t, [setWithClaims(2, { whenScaled: 'Delete' })]);
  const collector = startGarbageCollector(kube);
  t.after(() => collector.stop());
  await eventually(() => assert.equal(statusOf(kube).readyReplicas, 2));
  kubelet.lingering.add('nginx-1');
  setSpec(kube, { replicas: 1 });
  await eventually(() => assert.deepEqual(ownersOf(kube, 'data-nginx-1'), ['Pod nginx-1']));
  setSpec(kube, { replicas: 2 });
  await eventually(() => assert.deepEqual(ownersOf(kube, 'data-nginx-1'), []));
  kubelet.end('nginx-1');
  await eventually(() => assert.equal(statusOf(kube).readyReplicas, 2));
  assert.deepEqual(names(kube), ['data-nginx-0', 'data-nginx-1']);
});

test('whenDeleted Delete gives the claims to the StatefulSet, and they go with it', async (t) => {
  const { kube } = startCluster(t, [setWithClaims(2, { whenDeleted: 'Delete' })]);
  const collector = startGarbageCollector(kube);
  t.after(() => collector.stop());
  await eventually(() => assert.deepEqual(ownersOf(kube, 'data-nginx-1'), ['StatefulSet nginx']));
  await eventually(() => assert.deepEqual(ownersOf(kube, 'data-nginx-0'), ['StatefulSet nginx']));
  kube.remove(STATEFUL_SETS, 'nginx');
  await eventually(() => assert.deepEqual(names(kube), []));
});

test('with both Delete, a scaled-away pod takes its claim from the StatefulSet', async (t) => {
  const { kube, kubelet } = startCluster(t, [setWithClaims(2, { whenDeleted: 'Delete', whenScaled: 'Delete' })]);
  await eventually(() => assert.deepEqual(ownersOf(kube, 'data-nginx-1'), ['StatefulSet nginx']));
  kubelet.lingering.add('nginx-1');
  setSpec(kube, { replicas: 1 });
  await eventually(() => assert.deepEqual(ownersOf(kube, 'data-nginx-1'), ['Pod nginx-1']));
  assert.deepEqual(ownersOf(kube, 'data-nginx-0'), ['StatefulSet nginx']);
});

test('a claim that another controller owns keeps its owner', async (t) => {
  const owner = { apiVersion: 'example.com/v1', kind: 'Backup', name: 'b', uid: 'b', controller: true };
  const foreign = claim('data-nginx-0', { ownerReferences: [owner] });
  const { kube } = startCluster(t, [foreign, setWithClaims(1, { whenDeleted: 'Delete' })]);
  await eventually(() => assert.equal(statusOf(kube).readyReplicas, 1));
  await settled();
  assert.deepEqual(ownersOf(kube, 'data-nginx-0'), ['Backup b']);
});

test('a pod waits for a claim that is being deleted, reports it, and comes when the claim is gone', async (t) => {
  const going = claim('data-nginx-0', { deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: ['test/hold'] });
  const { kube } = startCluster(t, [going, setWithClaims(1)]);
  const why = 'create Pod nginx-0 in StatefulSet nginx failed error: pvc data-nginx-0 is being deleted';
  await eventually(() => assert.ok(kube.objects(EVENTS).some((event) => event['message'] === why)));
  assert.deepEqual(kube.objects(PODS), []);
  kube.remove(PERSISTENT_VOLUME_CLAIMS, 'data-nginx-0');
  await eventually(() => assert.equal(statusOf(kube).readyReplicas, 1));
});

test('claims are bound, and a claim that a pod uses stays terminating until that pod is gone', async (t) => {
  const { kube, kubelet } = startCluster(t, [setWithClaims(1)]);
  const volumes = startVolumeController(kube);
  t.after(() => volumes.stop());
  const statusNow = () => kube.object(PERSISTENT_VOLUME_CLAIMS, 'data-nginx-0')?.['status'];
  const bound = { phase: 'Bound', accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' } };
  await eventually(() => assert.deepEqual(statusNow(), bound));
  kube.edit(PERSISTENT_VOLUME_CLAIMS, 'data-nginx-0', (object) => {
    object.metadata.finalizers = ['kubernetes.io/pvc-protection'];
  });
  await kube.delete(PERSISTENT_VOLUME_CLAIMS, 'data-nginx-0', { uid: undefined });
  await settled();
  assert.deepEqual(names(kube), ['data-nginx-0']);
  kubelet.lingering.add('nginx-0');
  setSpec(kube, { replicas: 0 });
  await settled();
  assert.deepEqual(names(kube), ['data-nginx-0']);
  kubelet.end('nginx-0');
  await eventually(() => assert.deepEqual(names(kube), []));
});
