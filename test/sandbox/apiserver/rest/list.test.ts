import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CONFIG_MAPS_PATH, configMap, PODS_PATH, pod, useApi } from '../harness.ts';

const api = useApi({ historyLength: 20 }, async ({ post }) => {
  await post('/api/v1/namespaces', { metadata: { name: 'other' } });
  for (const name of ['c', 'a', 'b']) await post(CONFIG_MAPS_PATH, configMap(name, {}, { labels: { app: name } }));
  await post('/api/v1/namespaces/other/configmaps', configMap('z', {}, { labels: { app: 'a' } }));
});
const names = (list: { items: { metadata: { name: string } }[] }) => list.items.map(({ metadata }) => metadata.name);

test('a list is sorted by namespace and name and carries the global version', async () => {
  const { json } = await api.get('/api/v1/configmaps');
  assert.equal(json.kind, 'ConfigMapList');
  assert.deepEqual(names(json), ['a', 'b', 'c', 'z']);
  assert.deepEqual(names((await api.get(CONFIG_MAPS_PATH)).json), ['a', 'b', 'c']);
  const { json: pods } = await api.get(PODS_PATH);
  assert.equal(pods.metadata.resourceVersion, json.metadata.resourceVersion);
});

test('items of a list carry neither kind nor apiVersion, as from the real server', async () => {
  const { json } = await api.get(CONFIG_MAPS_PATH);
  assert.deepEqual(Object.keys(json.items[0]), ['metadata', 'data']);
});

test('label selectors narrow by equality and by set', async () => {
  const select = async (text: string) =>
    names((await api.get(`/api/v1/configmaps?labelSelector=${encodeURIComponent(text)}`)).json);
  assert.deepEqual(await select('app=a'), ['a', 'z']);
  assert.deepEqual(await select('app in (b,c)'), ['b', 'c']);
  assert.deepEqual(await select('app!=a,app'), ['b', 'c']);
  assert.deepEqual(await select('!app'), []);
  assert.equal((await api.get('/api/v1/configmaps?labelSelector=a+b')).status, 400);
});

test('field selectors narrow by name, node and phase, and refuse other fields', async () => {
  await api.post(PODS_PATH, pod('on-1'));
  await api.post(PODS_PATH, pod('on-2', { nodeName: 'node-2' }));
  await api.merge(`${PODS_PATH}/on-2/status`, { status: { phase: 'Running' } });
  const select = async (text: string) =>
    names((await api.get(`/api/v1/pods?fieldSelector=${encodeURIComponent(text)}`)).json);
  assert.deepEqual(await select('spec.nodeName=node-2'), ['on-2']);
  assert.deepEqual(await select('status.phase!=Running'), ['on-1']);
  assert.deepEqual(await select('metadata.name=on-1,metadata.namespace=default'), ['on-1']);
  const refused = await api.get('/api/v1/pods?fieldSelector=spec.hostname%3Dx');
  assert.deepEqual([refused.status, refused.json.message], [400, 'field label not supported: spec.hostname']);
});

test('events are selected by the object they are about', async () => {
  const path = '/api/v1/namespaces/default/events';
  for (const name of ['web-0', 'web-1']) {
    const involvedObject = { kind: 'Pod', name, namespace: 'default', uid: `uid-${name}` };
    await api.post(path, { metadata: { name: `${name}.1` }, involvedObject, reason: 'Killing', type: 'Normal' });
  }
  const selector = encodeURIComponent('involvedObject.name=web-1,involvedObject.uid=uid-web-1,reason=Killing');
  assert.deepEqual(names((await api.get(`${path}?fieldSelector=${selector}`)).json), ['web-1.1']);
});

test('pages stay on the version of the first, with any writes between them', async () => {
  const first = (await api.get('/api/v1/configmaps?limit=2')).json;
  assert.deepEqual(names(first), ['a', 'b']);
  assert.equal(first.metadata.remainingItemCount, 2);
  await api.post(CONFIG_MAPS_PATH, configMap('ba'));
  await api.delete(`${CONFIG_MAPS_PATH}/c`);
  await api.merge('/api/v1/namespaces/other/configmaps/z', { data: { new: 'yes' } });
  const token = encodeURIComponent(first.metadata.continue);
  const second = (await api.get(`/api/v1/configmaps?limit=2&continue=${token}`)).json;
  assert.deepEqual(names(second), ['c', 'z']);
  assert.deepEqual(second.items[1].data, {});
  assert.equal(second.metadata.resourceVersion, first.metadata.resourceVersion);
  assert.equal(second.metadata.continue, undefined);
  assert.deepEqual(names((await api.get('/api/v1/configmaps')).json), ['a', 'b', 'ba', 'z']);
});

test('a list at an exact version shows what was there then', async () => {
  const { json } = await api.get(CONFIG_MAPS_PATH);
  await api.post(CONFIG_MAPS_PATH, configMap('later'));
  const then = `resourceVersion=${json.metadata.resourceVersion}&resourceVersionMatch=Exact`;
  assert.deepEqual(names((await api.get(`${CONFIG_MAPS_PATH}?${then}`)).json), names(json));
});

test('a continue token or a version that has left the history is 410, with a token to go on with', async () => {
  const first = (await api.get('/api/v1/configmaps?limit=1')).json;
  for (let count = 0; count < 60; count += 1) await api.merge(`${CONFIG_MAPS_PATH}/a`, { data: { count: `${count}` } });
  const token = encodeURIComponent(first.metadata.continue);
  const { status, json } = await api.get(`/api/v1/configmaps?limit=1&continue=${token}`);
  assert.deepEqual([status, json.reason], [410, 'Expired']);
  assert.match(json.message, /^The provided continue parameter is too old/);
  const next = await api.get(`/api/v1/configmaps?limit=1&continue=${encodeURIComponent(json.metadata.continue)}`);
  assert.equal(next.status, 200);
  const exact = await api.get(`/api/v1/configmaps?resourceVersion=3&resourceVersionMatch=Exact`);
  assert.equal(exact.status, 410);
});

test('a version that is still to come is 504', async () => {
  const { status, json } = await api.get('/api/v1/configmaps?resourceVersion=999999');
  assert.equal(status, 504);
  assert.match(json.message, /^Too large resource version: 999999, current: \d+$/);
});

test('list options that contradict are 422, those that cannot be read 400', async () => {
  assert.equal((await api.get(`${CONFIG_MAPS_PATH}?limit=many`)).status, 400);
  assert.equal((await api.get(`${CONFIG_MAPS_PATH}?resourceVersionMatch=Exact`)).status, 422);
  assert.equal((await api.get(`${CONFIG_MAPS_PATH}?continue=nonsense`)).status, 400);
});

test('metadata alone can be asked for', async () => {
  const Accept = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json';
  const { json } = await api.get(CONFIG_MAPS_PATH, { Accept });
  assert.equal(json.kind, 'PartialObjectMetadataList');
  assert.deepEqual(Object.keys(json.items[0]), ['kind', 'apiVersion', 'metadata']);
});

test('a table has a row per object and its columns', async () => {
  const Accept = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
  const { json } = await api.get(CONFIG_MAPS_PATH, { Accept });
  assert.equal(json.kind, 'Table');
  assert.equal(json.columnDefinitions[0].name, 'Name');
  assert.equal(json.rows[0].cells[0], 'a');
  assert.equal(json.rows[0].object.kind, 'PartialObjectMetadata');
  assert.match(json.metadata.resourceVersion, /^\d+$/);
});

test('deletecollection deletes what the selectors choose', async () => {
  await api.post(CONFIG_MAPS_PATH, configMap('gone-1', {}, { labels: { gone: 'yes' } }));
  await api.post(CONFIG_MAPS_PATH, configMap('gone-2', {}, { labels: { gone: 'yes' } }));
  const { status, json } = await api.call('DELETE', `${CONFIG_MAPS_PATH}?labelSelector=gone%3Dyes`);
  assert.deepEqual([status, names(json)], [200, ['gone-1', 'gone-2']]);
  assert.deepEqual(names((await api.get(`${CONFIG_MAPS_PATH}?labelSelector=gone`)).json), []);
  assert.equal((await api.get(`${CONFIG_MAPS_PATH}/a`)).status, 200);
});
