import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connect } from 'node:tls';
import { CONFIG_MAPS_PATH, configMap, credentialsOf, PODS_PATH, pod, statefulSet, useApi } from '../harness.ts';

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);
const api = useApi({ now: () => NOW });

test('a deleted object is gone, and the answer names it', async () => {
  const { json } = await api.post(CONFIG_MAPS_PATH, configMap('brief'));
  const { status, json: answer } = await api.delete(`${CONFIG_MAPS_PATH}/brief`);
  assert.equal(status, 200);
  assert.equal(answer.status, 'Success');
  assert.deepEqual(answer.details, { name: 'brief', kind: 'configmaps', uid: json.metadata.uid });
  assert.equal((await api.get(`${CONFIG_MAPS_PATH}/brief`)).status, 404);
  assert.equal((await api.delete(`${CONFIG_MAPS_PATH}/brief`)).status, 404);
});

test('a pod on a node is marked first and goes when the kubelet confirms', async () => {
  await api.post(PODS_PATH, pod('web-0', { terminationGracePeriodSeconds: 30 }));
  const path = `${PODS_PATH}/web-0`;
  const { resourceVersion } = (await api.get(path)).json.metadata;
  const watch = await api.watch(`${PODS_PATH}?watch=true&resourceVersion=${resourceVersion}`);
  const marked = await api.delete(path);
  assert.equal(marked.json.metadata.deletionTimestamp, '2026-01-02T03:04:35Z');
  assert.equal(marked.json.metadata.deletionGracePeriodSeconds, 30);
  assert.equal(marked.json.metadata.generation, 2);
  const { uid } = marked.json.metadata;
  await api.delete(path, { gracePeriodSeconds: 0, preconditions: { uid } });
  assert.equal((await api.get(path)).status, 404);
  const events = await watch.take(3);
  const seen = events.map(({ type, object }) => [type, object.metadata.deletionGracePeriodSeconds]);
  assert.deepEqual(seen, [
    ['MODIFIED', 30],
    ['MODIFIED', 0],
    ['DELETED', 0],
  ]);
  watch.close();
});

test('grace can be shortened from the first request on, and never prolonged', async () => {
  await api.post(PODS_PATH, pod('web-1', { terminationGracePeriodSeconds: 30 }));
  await api.delete(`${PODS_PATH}/web-1`);
  const longer = await api.delete(`${PODS_PATH}/web-1?gracePeriodSeconds=60`);
  assert.equal(longer.json.metadata.deletionGracePeriodSeconds, 30);
  const shorter = await api.delete(`${PODS_PATH}/web-1`, { gracePeriodSeconds: 5 });
  assert.equal(shorter.json.metadata.deletionGracePeriodSeconds, 5);
  assert.equal(shorter.json.metadata.deletionTimestamp, '2026-01-02T03:04:10Z');
  assert.equal(shorter.json.metadata.generation, 2);
});

test('a pod that no node runs goes at once', async () => {
  await api.post(PODS_PATH, pod('pending', { nodeName: '' }));
  await api.delete(`${PODS_PATH}/pending`);
  assert.equal((await api.get(`${PODS_PATH}/pending`)).status, 404);
});

test('a wrong uid or version precondition is 409 and deletes nothing', async () => {
  const { json } = await api.post(PODS_PATH, pod('guarded'));
  const wrong = await api.delete(`${PODS_PATH}/guarded`, { preconditions: { uid: 'former' } });
  assert.equal(wrong.status, 409);
  assert.equal(
    wrong.json.message,
    `Operation cannot be fulfilled on Pod "guarded": the UID in the precondition (former) does not match the UID in record (${json.metadata.uid}). The object might have been deleted and then recreated`,
  );
  const stale = await api.delete(`${PODS_PATH}/guarded`, { preconditions: { resourceVersion: '1' } });
  assert.equal(stale.status, 409);
  assert.equal((await api.get(`${PODS_PATH}/guarded`)).json.metadata.deletionTimestamp, undefined);
});

test('a body that is not framed is not read, as by the real server: the precondition is lost', async (t) => {
  const { json } = await api.post(CONFIG_MAPS_PATH, configMap('unframed'));
  const { ca, cert, key } = await credentialsOf(api.server.kubeconfigFile);
  const { port } = new URL(api.server.url);
  const socket = connect({ host: '127.0.0.1', port: Number(port), ca, cert, key });
  t.after(() => socket.destroy());
  const body = JSON.stringify({ preconditions: { uid: `not-${json.metadata.uid}` } });
  socket.write(
    `DELETE ${CONFIG_MAPS_PATH}/unframed HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\r\n${body}`,
  );
  let text = '';
  for await (const chunk of socket) text += chunk;
  assert.match(text, /^HTTP\/1\.1 200 /);
  assert.match(text, /HTTP\/1\.1 400 /);
  assert.equal((await api.get(`${CONFIG_MAPS_PATH}/unframed`)).status, 404);
});

test('finalizers hold an object until the last is taken away', async () => {
  const path = `${CONFIG_MAPS_PATH}/held`;
  await api.post(CONFIG_MAPS_PATH, configMap('held', {}, { finalizers: ['example.com/a', 'example.com/b'] }));
  const { json } = await api.delete(path);
  assert.equal(json.metadata.deletionTimestamp, '2026-01-02T03:04:05Z');
  const added = await api.merge(path, { metadata: { finalizers: ['example.com/a', 'example.com/c'] } });
  assert.equal(added.status, 422);
  assert.match(added.json.message, /no new finalizers can be added if the object is being deleted/);
  assert.equal((await api.merge(path, { metadata: { finalizers: ['example.com/b'] } })).status, 200);
  assert.equal((await api.get(path)).status, 200);
  await api.merge(path, { metadata: { finalizers: null } });
  assert.equal((await api.get(path)).status, 404);
});

test('foreground and orphaning deletion leave a finalizer for the garbage collector', async () => {
  const path = '/apis/apps/v1/namespaces/default/statefulsets';
  for (const [policy, finalizer] of [
    ['Foreground', 'foregroundDeletion'],
    ['Orphan', 'orphan'],
  ]) {
    await api.post(path, statefulSet(`by-${policy?.toLowerCase()}`));
    const { json } = await api.delete(`${path}/by-${policy?.toLowerCase()}`, { propagationPolicy: policy });
    assert.deepEqual(json.metadata.finalizers, [finalizer]);
  }
  const wrong = await api.delete(`${path}/by-orphan`, { propagationPolicy: 'Sideways' });
  assert.equal(wrong.status, 422);
});

test('a namespace goes when its content is gone, and takes nothing new meanwhile', async () => {
  await api.post('/api/v1/namespaces', { metadata: { name: 'ending' } });
  const inside = '/api/v1/namespaces/ending';
  await api.post(`${inside}/configmaps`, configMap('content'));
  await api.post(`${inside}/pods`, pod('slow'));
  const { resourceVersion } = (await api.get(inside)).json.metadata;
  const watch = await api.watch(
    `/api/v1/namespaces?watch=true&fieldSelector=metadata.name%3Dending&resourceVersion=${resourceVersion}`,
  );
  const { json } = await api.delete(inside);
  assert.equal(json.status.phase, 'Terminating');
  assert.equal((await api.get(`${inside}/configmaps/content`)).status, 404);
  const refused = await api.post(`${inside}/configmaps`, configMap('late'));
  assert.equal(refused.status, 403);
  assert.match(refused.json.message, /unable to create new content in namespace ending because it is being terminated/);
  assert.equal((await api.delete(inside)).status, 409);
  await api.delete(`${inside}/pods/slow`, { gracePeriodSeconds: 0 });
  const events = await watch.take(2);
  assert.deepEqual(
    events.map(({ type }) => type),
    ['MODIFIED', 'DELETED'],
  );
  watch.close();
});

test('the namespaces that a cluster cannot do without stay', async () => {
  const { status, json } = await api.delete('/api/v1/namespaces/kube-system');
  assert.equal(status, 403);
  assert.equal(json.message, 'namespaces "kube-system" is forbidden: this namespace may not be deleted');
});
