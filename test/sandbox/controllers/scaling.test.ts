import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StatusError } from '../../../lib/core/errors.ts';
import { EVENTS, PODS, STATEFUL_SETS } from '../../../lib/ports/resources.ts';
import { pod, statefulSet } from '../../builders.ts';
import { eventually, settled } from '../../fakes/eventually.ts';
import { appliedSet, podWrites, setSpec, startCluster, statusOf } from './cluster.ts';

test('OrderedReady creates the next pod only when the one before is ready', async (t) => {
  const set = appliedSet({ replicas: 3, podManagementPolicy: 'OrderedReady' });
  const { kube, kubelet } = startCluster(t, [set]);
  kubelet.unready.add('nginx-1');
  await eventually(() => assert.deepEqual(podWrites(kube), ['create nginx-0', 'create nginx-1']));
  await settled();
  assert.equal(podWrites(kube).length, 2);
  kubelet.ready('nginx-1');
  await eventually(() => assert.equal(statusOf(kube).readyReplicas, 3));
});

test('Parallel creates all pods without waiting for any', async (t) => {
  const { kube, kubelet } = startCluster(t, [appliedSet({ replicas: 4 })]);
  kubelet.unready.add('*');
  await eventually(() => assert.equal(statusOf(kube).replicas, 4));
  assert.equal(statusOf(kube).readyReplicas, undefined);
  assert.equal(statusOf(kube).availableReplicas, 0);
});

test('OrderedReady scales down from the highest ordinal, each when the one before is gone', async (t) => {
  const set = appliedSet({ replicas: 4, podManagementPolicy: 'OrderedReady' });
  const { kube, kubelet } = startCluster(t, [set]);
  await eventually(() => assert.equal(statusOf(kube).readyReplicas, 4));
  kubelet.lingering.add('nginx-3');
  setSpec(kube, { replicas: 2 });
  await eventually(() => assert.deepEqual(podWrites(kube).slice(4), ['delete nginx-3']));
  await settled();
  assert.equal(podWrites(kube).length, 5);
  kubelet.end('nginx-3');
  await eventually(() => assert.deepEqual(podWrites(kube).slice(4), ['delete nginx-3', 'delete nginx-2']));
  await eventually(() => assert.equal(statusOf(kube).replicas, 2));
});

test('Parallel scales down at once, and the lowest ordinals stay', async (t) => {
  const { kube } = startCluster(t, [appliedSet({ replicas: 4 })]);
  await eventually(() => assert.equal(statusOf(kube).readyReplicas, 4));
  setSpec(kube, { replicas: 1 });
  await eventually(() => assert.equal(statusOf(kube).replicas, 1));
  assert.deepEqual(podWrites(kube).slice(4), ['delete nginx-3', 'delete nginx-2', 'delete nginx-1']);
  assert.deepEqual(
    kube.objects(PODS).map((one) => one.metadata.name),
    ['nginx-0'],
  );
});

test('spec.ordinals.start moves the numbers of all pods', async (t) => {
  const { kube } = startCluster(t, [appliedSet({ replicas: 2, ordinalsStart: 5 })]);
  await eventually(() => assert.equal(statusOf(kube).readyReplicas, 2));
  assert.deepEqual(
    kube.objects(PODS).map((one) => [one.metadata.name, one.metadata.labels?.['apps.kubernetes.io/pod-index']]),
    [
      ['nginx-5', '5'],
      ['nginx-6', '6'],
    ],
  );
});

test('a pod has the identity of its ordinal: owner, host name, subdomain and claims', async (t) => {
  const claims = { volumeClaimTemplates: [{ metadata: { name: 'data' } }] };
  const { kube } = startCluster(t, [appliedSet({ uid: 'set-uid', replicas: 1, merge: { spec: claims } })]);
  await eventually(() => assert.equal(statusOf(kube).readyReplicas, 1));
  const made = kube.object(PODS, 'nginx-0');
  const owner = { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'nginx', uid: 'set-uid' };
  assert.deepEqual(made?.metadata.ownerReferences, [{ ...owner, controller: true, blockOwnerDeletion: true }]);
  assert.equal(made?.metadata.generateName, 'nginx-');
  const { hostname, subdomain, volumes } = (made?.['spec'] ?? {}) as Record<string, unknown>;
  assert.deepEqual({ hostname, subdomain }, { hostname: 'nginx-0', subdomain: 'nginx' });
  assert.deepEqual(volumes, [{ name: 'data', persistentVolumeClaim: { claimName: 'data-nginx-0' } }]);
});

test('a failed pod is deleted and made again', async (t) => {
  const { kube } = startCluster(t, [appliedSet({ replicas: 1 })]);
  await eventually(() => assert.equal(statusOf(kube).readyReplicas, 1));
  const { uid } = kube.object(PODS, 'nginx-0')?.metadata ?? {};
  kube.edit(PODS, 'nginx-0', (object) => {
    object['status'] = { phase: 'Failed' };
  });
  await eventually(() => assert.equal(statusOf(kube).readyReplicas, 1));
  await eventually(() => assert.notEqual(kube.object(PODS, 'nginx-0')?.metadata.uid, uid));
});

test('creations and deletions leave Events on the StatefulSet, and a refused creation a warning', async (t) => {
  const { kube } = startCluster(t, []);
  kube.failNext({ verb: 'create', resource: 'pods' }, new StatusError(403, 'Forbidden', 'quota exceeded'));
  kube.put(appliedSet({ replicas: 1 }));
  await eventually(() => assert.equal(statusOf(kube).readyReplicas, 1));
  setSpec(kube, { replicas: 0 });
  await eventually(() => assert.equal(statusOf(kube).replicas, 0));
  await eventually(() => assert.equal(kube.objects(EVENTS).length, 3));
  const events = kube.objects(EVENTS) as unknown as { type: string; reason: string; message: string }[];
  assert.deepEqual(events.map(({ type, reason, message }) => `${type} ${reason} ${message}`).sort(), [
    'Normal SuccessfulCreate create Pod nginx-0 in StatefulSet nginx successful',
    'Normal SuccessfulDelete delete Pod nginx-0 in StatefulSet nginx successful',
    'Warning FailedCreate create Pod nginx-0 in StatefulSet nginx failed error: Error from server (Forbidden): quota exceeded',
  ]);
});

test('a delete of the controller names the uid it saw', async (t) => {
  const { kube } = startCluster(t, [appliedSet({ replicas: 1 })]);
  await eventually(() => assert.equal(statusOf(kube).readyReplicas, 1));
  const { uid } = kube.object(PODS, 'nginx-0')?.metadata ?? {};
  setSpec(kube, { replicas: 0 });
  await eventually(() => assert.equal(statusOf(kube).replicas, 0));
  const deletion = kube.writes.find((call) => call.verb === 'delete');
  assert.equal(((deletion?.body ?? {}) as { uid?: string }).uid, uid);
});

test('a StatefulSet adopts the pods that an orphaning delete left behind, and restarts none', async (t) => {
  const former = statefulSet({ uid: 'former', replicas: 2 });
  const orphans = [0, 1].map((ordinal) =>
    pod({ statefulSet: former, ordinal, merge: { metadata: { ownerReferences: null } } }),
  );
  const { kube } = startCluster(t, [appliedSet({ uid: 'new', replicas: 2 }), ...orphans]);
  await eventually(() => assert.equal(statusOf(kube).readyReplicas, 2));
  await settled();
  assert.deepEqual(
    kube.objects(PODS).map((one) => one.metadata.ownerReferences?.[0]?.uid),
    ['new', 'new'],
  );
  assert.deepEqual(
    podWrites(kube).filter((write) => !write.startsWith('patch')),
    [],
  );
});

test('a StatefulSet that is being deleted gets no new pods', async (t) => {
  const { kube } = startCluster(t, [appliedSet({ replicas: 1, merge: { metadata: { finalizers: ['test/hold'] } } })]);
  await eventually(() => assert.equal(statusOf(kube).readyReplicas, 1));
  await kube.delete(STATEFUL_SETS, 'nginx', { uid: undefined });
  kube.remove(PODS, 'nginx-0');
  await settled();
  assert.deepEqual(kube.objects(PODS), []);
});
