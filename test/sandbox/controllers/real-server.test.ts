/** The controllers over HTTPS, on the rehearsal cluster's own API server, with a kubelet of a few lines. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { connectKube } from '../../../lib/kube/connect-kube.ts';
import {
  CONTROLLER_REVISIONS,
  ENDPOINTS,
  PERSISTENT_VOLUME_CLAIMS,
  POD_DISRUPTION_BUDGETS,
  PODS,
  SERVICES,
  STATEFUL_SETS,
} from '../../../lib/ports/resources.ts';
import type { Kube, KubeObject } from '../../../lib/ports.ts';
import { startApiServer } from '../../../sandbox/apiserver/start-apiserver.ts';
import { startInformer } from '../../../sandbox/common/informer.ts';
import { startDisruptionController } from '../../../sandbox/controllers/budget/disruption.ts';
import type { Pod } from '../../../sandbox/controllers/controller-types.ts';
import { startEndpointsController } from '../../../sandbox/controllers/endpoints/endpoints-controller.ts';
import { startGarbageCollector } from '../../../sandbox/controllers/garbage-collector.ts';
import { startStatefulSetController } from '../../../sandbox/controllers/stateful-set/stateful-set-controller.ts';
import { startVolumeController } from '../../../sandbox/controllers/volume-controller.ts';
import { service, statefulSet } from '../../builders.ts';

/** Binds every pod, says that it is ready, and ends it as soon as it is deleted. */
function startQuickKubelet(kube: Kube) {
  const visit = async (pod: Pod): Promise<void> => {
    const { name, uid, deletionTimestamp } = pod.metadata;
    if (deletionTimestamp !== undefined) return kube.delete(PODS, name, { uid, gracePeriodSeconds: 0 });
    if (pod.status?.conditions?.some(({ type }) => type === 'Ready')) return;
    const target = { apiVersion: 'v1', kind: 'Node', name: 'node-1' };
    const binding = { apiVersion: 'v1', kind: 'Binding', metadata: { name }, target };
    await kube.create(PODS, binding, { subresource: 'binding', name });
    const podIP = `10.0.0.${10 + Number(name.split('-').at(-1))}`;
    const conditions = [{ type: 'Ready', status: 'True', lastTransitionTime: new Date().toISOString() }];
    const status = { phase: 'Running', podIP, podIPs: [{ ip: podIP }], conditions };
    await kube.patch(PODS, name, { metadata: { uid }, status }, { type: 'merge', subresource: 'status' });
  };
  // An object that was overtaken comes again as another event.
  const onUpsert = (object: KubeObject): void => void visit(object as Pod).catch(() => undefined);
  return startInformer(kube, PODS, {}, { onUpsert, onDelete: () => undefined });
}

async function startAll(t: TestContext): Promise<{ kube: Kube; log: string[] }> {
  const stateDir = await mkdtemp(join(tmpdir(), 'zeroloss-controllers-'));
  const api = await startApiServer({ stateDir });
  const kube = await connectKube({
    flags: { kubeconfig: api.kubeconfigFile },
    env: {},
    fieldManager: 'test',
    userAgent: 'test',
  });
  const log: string[] = [];
  const options = { log: (line: string) => void log.push(line) };
  const parts = [
    startStatefulSetController(kube, options),
    startEndpointsController(kube, options),
    startDisruptionController(kube, options),
    startGarbageCollector(kube, options),
    startVolumeController(kube, options),
    startQuickKubelet(kube),
  ];
  t.after(async () => {
    await Promise.all(parts.map((part) => part.stop()));
    await kube.close();
    await api.stop();
    await rm(stateDir, { recursive: true, force: true });
  });
  return { kube, log };
}

/** Over the network there are no turns of the event loop to count: polls until `check` holds, at most 20 s. */
async function until(check: () => Promise<void>): Promise<void> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
    await delay(20);
  }
}

function toCreate(object: KubeObject): KubeObject {
  const { status: _status, ...rest } = object;
  const { name, labels, annotations } = object.metadata;
  return { ...rest, metadata: { name, ...(labels ? { labels } : {}), ...(annotations ? { annotations } : {}) } };
}

test('volume claims are made, kept at scale-in, and go with the StatefulSet where its policy asks for that', async (t) => {
  const { kube, log } = await startAll(t);
  const claim = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
  const merge = {
    spec: {
      volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: claim }],
      persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete', whenScaled: 'Retain' },
    },
  };
  await kube.create(STATEFUL_SETS, toCreate(statefulSet({ replicas: 2, merge })));
  const phases = async () =>
    (await kube.list(PERSISTENT_VOLUME_CLAIMS)).items.map(({ metadata: { name }, status }) => [name, status]);
  const status = { phase: 'Bound', accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' } };
  const both = [
    ['data-nginx-0', status],
    ['data-nginx-1', status],
  ];
  await until(async () => assert.deepEqual(await phases(), both));
  await kube.patch(STATEFUL_SETS, 'nginx', { spec: { replicas: 1 } }, { type: 'merge' });
  await until(async () => assert.equal((await kube.list(PODS)).items.length, 1));
  assert.deepEqual(await phases(), both);
  await kube.delete(STATEFUL_SETS, 'nginx', { uid: undefined });
  await until(async () => assert.deepEqual(await phases(), []));
  assert.deepEqual(log, []);
});

test('an OnDelete upgrade, a way back and a deletion over the wire leave what a real control plane leaves', async (t) => {
  const { kube, log } = await startAll(t);
  const statusNow = async () => (await kube.get(STATEFUL_SETS, 'nginx'))['status'] as Record<string, unknown>;
  const set = statefulSet({ replicas: 3 });
  await kube.create(STATEFUL_SETS, toCreate(set));
  await kube.create(SERVICES, toCreate(service()));
  const selector = { matchLabels: { app: 'nginx' } };
  const budget = { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'nginx' } };
  await kube.create(POD_DISRUPTION_BUDGETS, { ...budget, spec: { maxUnavailable: 1, selector } });
  await until(async () => assert.equal((await statusNow())['readyReplicas'], 3));
  const old = (await statusNow())['currentRevision'];

  const { template } = set['spec'] as { template: { spec: { containers: { image: string }[] } } };
  const container = { ...template.spec.containers[0], image: 'nginx:1.25.4' };
  const patch = { spec: { template: { spec: { containers: [container] } } } };
  await kube.patch(STATEFUL_SETS, 'nginx', patch, { type: 'merge' });
  await until(async () => assert.notEqual((await statusNow())['updateRevision'], old));
  for (const [index, name] of ['nginx-0', 'nginx-1', 'nginx-2'].entries()) {
    await kube.delete(PODS, name, { uid: (await kube.get(PODS, name)).metadata.uid });
    await until(async () => {
      const status = await statusNow();
      assert.equal(status['updatedReplicas'], index + 1);
      assert.equal(status['readyReplicas'], 3);
    });
  }
  const update = (await statusNow())['updateRevision'];
  assert.deepEqual(await statusNow(), {
    observedGeneration: 2,
    replicas: 3,
    readyReplicas: 3,
    availableReplicas: 3,
    updatedReplicas: 3,
    currentRevision: old,
    updateRevision: update,
    collisionCount: 0,
  });
  await until(async () => {
    const [subset] = (await kube.get(ENDPOINTS, 'nginx'))['subsets'] as { addresses: unknown[] }[];
    assert.equal(subset?.addresses.length, 3);
  });
  await until(async () => {
    const status = (await kube.get(POD_DISRUPTION_BUDGETS, 'nginx'))['status'] as Record<string, unknown>;
    assert.deepEqual([status['expectedPods'], status['currentHealthy'], status['disruptionsAllowed']], [3, 3, 1]);
  });

  const data = (await kube.get(CONTROLLER_REVISIONS, String(old)))['data'] as object;
  await kube.patch(STATEFUL_SETS, 'nginx', data, { type: 'strategic' });
  await until(async () => assert.equal((await statusNow())['updateRevision'], old));
  const { items } = await kube.list(CONTROLLER_REVISIONS);
  const numbers = items.map((revision) => [revision.metadata.name, revision['revision']]);
  assert.deepEqual(
    new Map(numbers as [string, number][]),
    new Map([
      [String(old), 3],
      [String(update), 2],
    ]),
  );

  await kube.delete(STATEFUL_SETS, 'nginx', { uid: undefined, propagationPolicy: 'Foreground' });
  await until(async () => {
    for (const resource of [STATEFUL_SETS, PODS, CONTROLLER_REVISIONS])
      assert.deepEqual((await kube.list(resource)).items, []);
  });
  assert.deepEqual(log, []);
});
