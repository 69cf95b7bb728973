import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PODS_PATH, pod, statefulSet, useApi } from '../harness.ts';

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

const looker = (name: string, more: object = {}) => ({ name, image: 'busybox:1.37', ...more });
const add = (podName: string, ...containers: object[]) =>
  api.call('PATCH', `${PODS_PATH}/${podName}/ephemeralcontainers`, {
    contentType: 'application/strategic-merge-patch+json',
    body: { spec: { ephemeralContainers: containers } },
  });

test('an ephemeral container is added by a strategic patch, beside those that are there, and nothing else is written', async () => {
  const { json: before } = await api.post(PODS_PATH, pod('looked-at'));
  const first = await add('looked-at', looker('a'));
  assert.equal(first.status, 200);
  const second = await api.call('PATCH', `${PODS_PATH}/looked-at/ephemeralcontainers`, {
    contentType: 'application/strategic-merge-patch+json',
    body: {
      metadata: { labels: { sneaked: 'in' } },
      spec: { nodeName: 'elsewhere', ephemeralContainers: [looker('b')] },
    },
  });
  assert.equal(second.status, 200);
  const { json } = await api.get(`${PODS_PATH}/looked-at/ephemeralcontainers`);
  assert.deepEqual([json.kind, json.metadata.labels], ['Pod', before.metadata.labels]);
  const { ephemeralContainers, ...rest } = json.spec;
  assert.deepEqual(rest, before.spec);
  assert.deepEqual(
    ephemeralContainers.map(({ name, imagePullPolicy }: { name: string; imagePullPolicy: string }) => [
      name,
      imagePullPolicy,
    ]),
    [
      ['b', 'IfNotPresent'],
      ['a', 'IfNotPresent'],
    ],
  );
  assert.equal(json.metadata.generation, 3);
});

test('an ephemeral container that is there may neither be changed nor taken away', async () => {
  await api.post(PODS_PATH, pod('kept'));
  await add('kept', looker('a'));
  const changed = await add('kept', looker('a', { image: 'alpine:3' }));
  assert.equal(changed.status, 422);
  assert.match(
    changed.json.message,
    /^Pod "kept" is invalid: spec\.ephemeralContainers: Forbidden: existing ephemeral containers "a" may not be changed\n/,
  );
  const { json: live } = await api.get(`${PODS_PATH}/kept`);
  const without = { ...live, spec: { ...live.spec, ephemeralContainers: [] } };
  const removed = await api.put(`${PODS_PATH}/kept/ephemeralcontainers`, without);
  assert.equal(removed.status, 422);
  assert.match(removed.json.message, /existing ephemeral containers "a" may not be removed\n/);
  const more = {
    ...live,
    spec: { ...live.spec, ephemeralContainers: [looker('b'), ...live.spec.ephemeralContainers] },
  };
  assert.equal((await api.put(`${PODS_PATH}/kept/ephemeralcontainers`, more)).status, 200);
  assert.equal((await api.put(`${PODS_PATH}/kept/ephemeralcontainers`, more)).status, 409);
});

test('ephemeral containers come by their own path only', async () => {
  const created = await api.post(PODS_PATH, pod('early', { ephemeralContainers: [looker('a')] }));
  assert.match(created.json.message, /spec\.ephemeralContainers: Forbidden: cannot be set on create$/);
  await api.post(PODS_PATH, pod('plain'));
  const { json: live } = await api.get(`${PODS_PATH}/plain`);
  const updated = await api.put(`${PODS_PATH}/plain`, {
    ...live,
    spec: { ...live.spec, ephemeralContainers: [looker('a')] },
  });
  assert.equal(updated.status, 422);
  assert.match(updated.json.message, /spec: Forbidden: pod updates may not change fields other than/);
});

test('an ephemeral container has a name of its own, a target that exists, and no ports or probes', async () => {
  await api.post(PODS_PATH, pod('strict'));
  const { json: live } = await api.get(`${PODS_PATH}/strict`);
  const taken = live.spec.containers[0].name;
  const refused = await add(
    'strict',
    looker(taken),
    looker('b', { targetContainerName: 'nobody' }),
    looker('c', { ports: [{ containerPort: 80 }], resources: {} }),
  );
  assert.equal(refused.status, 422);
  assert.deepEqual(
    refused.json.details.causes.map(({ field, reason }: { field: string; reason: string }) => [field, reason]).sort(),
    [
      ['spec.ephemeralContainers[0].name', 'FieldValueDuplicate'],
      ['spec.ephemeralContainers[1].targetContainerName', 'FieldValueNotFound'],
      ['spec.ephemeralContainers[2].ports', 'FieldValueForbidden'],
    ],
  );
});
