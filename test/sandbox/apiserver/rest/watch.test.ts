import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CONFIG_MAPS_PATH, configMap, PODS_PATH, pod, useApi } from '../harness.ts';

const api = useApi({ historyLength: 10 });

interface Event {
  type: string;
  object: { kind: string; metadata: { name: string; resourceVersion: string }; data: Record<string, string> };
}
const brief = (events: Event[]) => events.map(({ type, object }) => `${type} ${object.metadata.name}`);

async function version(): Promise<string> {
  return (await api.get(CONFIG_MAPS_PATH)).json.metadata.resourceVersion;
}

test('a watch from a version replays what was missed and then follows', async () => {
  const from = await version();
  await api.post(CONFIG_MAPS_PATH, configMap('missed'));
  const watch = await api.watch(`${CONFIG_MAPS_PATH}?watch=true&resourceVersion=${from}`);
  assert.deepEqual(brief(await watch.take(1)), ['ADDED missed']);
  await api.merge(`${CONFIG_MAPS_PATH}/missed`, { data: { a: 'b' } });
  await api.delete(`${CONFIG_MAPS_PATH}/missed`);
  const [modified, deleted] = await watch.take(2);
  assert.deepEqual([modified.type, modified.object.data.a], ['MODIFIED', 'b']);
  assert.equal(deleted.type, 'DELETED');
  assert.equal(deleted.object.kind, 'ConfigMap');
  assert.ok(Number(deleted.object.metadata.resourceVersion) > Number(modified.object.metadata.resourceVersion));
  watch.close();
});

test('a watch without a version begins with what there is', async () => {
  await api.post(CONFIG_MAPS_PATH, configMap('there'));
  const watch = await api.watch(`${CONFIG_MAPS_PATH}?watch=true&fieldSelector=metadata.name%3Dthere`);
  assert.deepEqual(brief(await watch.take(1)), ['ADDED there']);
  watch.close();
});

test('a watch on one path follows that object only', async () => {
  const watch = await api.watch(`${CONFIG_MAPS_PATH}/single?watch=true`);
  await api.post(CONFIG_MAPS_PATH, configMap('another'));
  await api.post(CONFIG_MAPS_PATH, configMap('single'));
  assert.deepEqual(brief(await watch.take(1)), ['ADDED single']);
  watch.close();
});

test('an object that begins or ceases to match is added or deleted for that watch', async () => {
  const from = await version();
  const watch = await api.watch(`${CONFIG_MAPS_PATH}?watch=true&resourceVersion=${from}&labelSelector=in%3Dyes`);
  await api.post(CONFIG_MAPS_PATH, configMap('turning', { state: 'out' }));
  await api.merge(`${CONFIG_MAPS_PATH}/turning`, { metadata: { labels: { in: 'yes' } }, data: { state: 'in' } });
  const { json } = await api.merge(`${CONFIG_MAPS_PATH}/turning`, {
    metadata: { labels: { in: null } },
    data: { state: 'x' },
  });
  const [added, deleted] = await watch.take(2);
  assert.deepEqual(brief([added, deleted]), ['ADDED turning', 'DELETED turning']);
  assert.equal(deleted.object.data.state, 'in');
  assert.equal(deleted.object.metadata.resourceVersion, json.metadata.resourceVersion);
  watch.close();
});

test('WatchList gets the objects, then the mark of their end, then changes', async () => {
  await api.post(CONFIG_MAPS_PATH, configMap('listed', {}, { labels: { wl: 'yes' } }));
  const query = 'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';
  const watch = await api.watch(`${CONFIG_MAPS_PATH}?watch=true&labelSelector=wl&${query}`);
  const [added, bookmark] = await watch.take(2);
  assert.deepEqual(brief([added]), ['ADDED listed']);
  assert.equal(bookmark.type, 'BOOKMARK');
  assert.equal(bookmark.object.kind, 'ConfigMap');
  assert.deepEqual(bookmark.object.metadata.annotations, { 'k8s.io/initial-events-end': 'true' });
  assert.equal(bookmark.object.metadata.resourceVersion, await version());
  await api.merge(`${CONFIG_MAPS_PATH}/listed`, { data: { a: 'b' } });
  assert.deepEqual(brief(await watch.take(1)), ['MODIFIED listed']);
  watch.close();
});

test('watch options that contradict are 422', async () => {
  const { status, json } = await api.get(`${CONFIG_MAPS_PATH}?watch=true&sendInitialEvents=true`);
  assert.equal(status, 422);
  assert.match(json.message, /sendInitialEvents requires setting resourceVersionMatch to NotOlderThan/);
  assert.equal((await api.get(`${CONFIG_MAPS_PATH}?watch=true&resourceVersionMatch=NotOlderThan`)).status, 422);
});

test('a version that has left the history is an Expired event, and the stream ends', async () => {
  const from = await version();
  await api.post(CONFIG_MAPS_PATH, configMap('busy'));
  for (let count = 0; count < 30; count += 1)
    await api.merge(`${CONFIG_MAPS_PATH}/busy`, { data: { count: `${count}` } });
  const watch = await api.watch(`${CONFIG_MAPS_PATH}?watch=true&resourceVersion=${from}`);
  const event = await watch.next();
  assert.equal(watch.answer.statusCode, 200);
  assert.deepEqual([event.type, event.object.code, event.object.reason], ['ERROR', 410, 'Expired']);
  assert.match(event.object.message, /^too old resource version: \d+ \(\d+\)$/);
  assert.equal(await watch.next(), undefined);
});

test('a watch from a version that is still to come is 504', async () => {
  const { status, json } = await api.get(`${CONFIG_MAPS_PATH}?watch=true&resourceVersion=999999`);
  assert.deepEqual([status, json.reason], [504, 'Timeout']);
});

test('timeoutSeconds ends a watch, with a bookmark for those who want them', async () => {
  const watch = await api.watch(
    `${CONFIG_MAPS_PATH}?watch=true&resourceVersion=${await version()}&timeoutSeconds=3&allowWatchBookmarks=true`,
  );
  const bookmark = await watch.next();
  assert.equal(bookmark.type, 'BOOKMARK');
  assert.equal(bookmark.object.metadata.resourceVersion, await version());
  assert.equal(await watch.next(), undefined);
});

test('in a watch of tables only the first names the columns', async () => {
  const Accept = 'application/json;as=Table;v=v1;g=meta.k8s.io';
  const watch = await api.watch(`${PODS_PATH}?watch=true&resourceVersion=${await version()}`, { Accept });
  await api.post(PODS_PATH, pod('tabled'));
  await api.merge(`${PODS_PATH}/tabled`, { metadata: { labels: { a: 'b' } } });
  const [first, second] = await watch.take(2);
  assert.deepEqual([first.type, first.object.kind], ['ADDED', 'Table']);
  assert.equal(first.object.rows[0].cells[0], 'tabled');
  assert.ok(first.object.columnDefinitions.length > 0);
  assert.deepEqual([second.type, second.object.columnDefinitions], ['MODIFIED', null]);
  watch.close();
});

test('a watch of all namespaces sees each change once', async () => {
  const watch = await api.watch(`/api/v1/configmaps?watch=true&resourceVersion=${await version()}`);
  await api.post('/api/v1/namespaces/kube-system/configmaps', configMap('there'));
  await api.post(CONFIG_MAPS_PATH, configMap('here'));
  assert.deepEqual(brief(await watch.take(2)), ['ADDED there', 'ADDED here']);
  watch.close();
});
