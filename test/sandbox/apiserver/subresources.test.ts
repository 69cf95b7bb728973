import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PODS_PATH, pod, statefulSet, useApi } from './harness.ts';

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);
const SETS_PATH = '/apis/apps/v1/namespaces/default/statefulsets';
const BUDGETS_PATH = '/apis/policy/v1/namespaces/default/poddisruptionbudgets';
const api = useApi({ now: () => NOW });

test('the scale of a StatefulSet shows replicas and its selector as text', async () => {
  await api.post(SETS_PATH, statefulSet('scaled'));
  await api.merge(`${SETS_PATH}/scaled/status`, { status: { replicas: 2 } });
  const { json } = await api.get(`${SETS_PATH}/scaled/scale`);
  assert.deepEqual([json.kind, json.apiVersion], ['Scale', 'autoscaling/v1']);
  assert.deepEqual(json.spec, { replicas: 3 });
  assert.deepEqual(json.status, { replicas: 2, selector: 'app=scaled' });
});

test('a patch of the scale sets replicas, counts a generation and touches nothing else', async () => {
  const { json: before } = await api.post(SETS_PATH, statefulSet('patched'));
  const { status, json } = await api.merge(`${SETS_PATH}/patched/scale`, { spec: { replicas: 5 } });
  assert.deepEqual([status, json.kind, json.spec.replicas], [200, 'Scale', 5]);
  const { json: set } = await api.get(`${SETS_PATH}/patched`);
  assert.equal(set.metadata.generation, 2);
  assert.deepEqual(set.spec, { ...before.spec, replicas: 5 });
});

test('a PUT of the scale respects its version and refuses less than nothing', async () => {
  await api.post(SETS_PATH, statefulSet('put'));
  const { json: scale } = await api.get(`${SETS_PATH}/put/scale`);
  const sized = (replicas: number) => ({ ...scale, spec: { replicas } });
  // kubectl scale sends this without a Content-Type.
  assert.equal((await api.call('PUT', `${SETS_PATH}/put/scale`, { body: sized(4) })).json.spec.replicas, 4);
  assert.equal((await api.put(`${SETS_PATH}/put/scale`, sized(6))).status, 409);
  const negative = await api.merge(`${SETS_PATH}/put/scale`, { spec: { replicas: -1 } });
  assert.equal(negative.status, 422);
  assert.match(negative.json.message, /^Scale\.autoscaling "put" is invalid: spec\.replicas: Invalid value: -1/);
});

test('a binding puts a pod on a node, once', async () => {
  await api.post(PODS_PATH, pod('bound', { nodeName: '' }));
  const binding = { target: { kind: 'Node', name: 'node-7' } };
  const { status, json } = await api.post(`${PODS_PATH}/bound/binding`, binding);
  assert.deepEqual([status, json.status], [201, 'Success']);
  const { json: placed } = await api.get(`${PODS_PATH}/bound`);
  assert.equal(placed.spec.nodeName, 'node-7');
  assert.deepEqual(placed.status.conditions, [
    { type: 'PodScheduled', status: 'True', lastTransitionTime: '2026-01-02T03:04:05Z' },
  ]);
  const again = await api.post(`${PODS_PATH}/bound/binding`, binding);
  assert.equal(again.status, 409);
  assert.match(again.json.message, /pod bound is already assigned to node "node-7"/);
});

async function runningPod(name: string, labels: Record<string, string>): Promise<void> {
  await api.post(PODS_PATH, pod(name, {}, { labels }));
  await api.merge(`${PODS_PATH}/${name}/status`, {
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
  });
}

async function budget(name: string, app: string, status: object): Promise<void> {
  await api.post(BUDGETS_PATH, { metadata: { name }, spec: { minAvailable: 2, selector: { matchLabels: { app } } } });
  await api.merge(`${BUDGETS_PATH}/${name}/status`, { status });
}

const evict = (name: string, deleteOptions: object = {}) =>
  api.post(`${PODS_PATH}/${name}/eviction`, {
    apiVersion: 'policy/v1',
    kind: 'Eviction',
    metadata: { name, namespace: 'default' },
    deleteOptions,
  });

test('an eviction without a budget deletes the pod and says why on it', async () => {
  await runningPod('free', { app: 'free' });
  const { status, json } = await evict('free');
  assert.deepEqual([status, json.status], [201, 'Success']);
  const { json: going } = await api.get(`${PODS_PATH}/free`);
  assert.ok(going.metadata.deletionTimestamp);
  const condition = going.status.conditions.find(({ type }: { type: string }) => type === 'DisruptionTarget');
  assert.equal(condition.reason, 'EvictionByEvictionAPI');
});

test('an exhausted budget answers 429 with the numbers', async () => {
  await runningPod('needed', { app: 'needed' });
  await budget('full', 'needed', {
    observedGeneration: 1,
    disruptionsAllowed: 0,
    currentHealthy: 2,
    desiredHealthy: 2,
    expectedPods: 2,
  });
  const { status, json, headers } = await evict('needed');
  assert.equal(status, 429);
  assert.equal(headers['retry-after'], undefined);
  assert.equal(json.message, "Cannot evict pod as it would violate the pod's disruption budget.");
  assert.deepEqual(json.details.causes, [
    { reason: 'DisruptionBudget', message: 'The disruption budget full needs 2 healthy pods and has 2 currently' },
  ]);
  assert.equal((await api.get(`${PODS_PATH}/needed`)).json.metadata.deletionTimestamp, undefined);
});

test('an eviction spends the budget, and so does one with a wrong uid, as on a real server', async () => {
  for (const name of ['spent-0', 'spent-1']) await runningPod(name, { app: 'spent' });
  const healthy = { observedGeneration: 1, currentHealthy: 3, desiredHealthy: 2, expectedPods: 3 };
  await budget('one', 'spent', { ...healthy, disruptionsAllowed: 2 });
  assert.equal((await evict('spent-0', { preconditions: { uid: 'former' } })).status, 409);
  assert.equal((await api.get(`${BUDGETS_PATH}/one`)).json.status.disruptionsAllowed, 1);
  assert.equal((await evict('spent-0')).status, 201);
  const { json } = await api.get(`${BUDGETS_PATH}/one`);
  assert.equal(json.status.disruptionsAllowed, 0);
  assert.deepEqual(json.status.disruptedPods, { 'spent-0': '2026-01-02T03:04:05Z' });
  assert.equal((await evict('spent-1')).status, 429);
});

test('a budget that its controller has not seen yet allows nothing', async () => {
  await runningPod('early', { app: 'early' });
  await budget('unseen', 'early', { disruptionsAllowed: 1, currentHealthy: 3, desiredHealthy: 2, expectedPods: 3 });
  const { status, json } = await evict('early');
  assert.equal(status, 429);
  assert.match(json.details.causes[0].message, /is still being processed by the server/);
});

test('a pod that is not ready may go when enough others are healthy', async () => {
  await runningPod('sick', { app: 'sick' });
  await api.merge(`${PODS_PATH}/sick/status`, { status: { conditions: [{ type: 'Ready', status: 'False' }] } });
  const none = { observedGeneration: 1, disruptionsAllowed: 0, currentHealthy: 2, desiredHealthy: 2, expectedPods: 3 };
  await budget('spare', 'sick', none);
  assert.equal((await evict('sick')).status, 201);
});
