import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CONFIG_MAPS_PATH, configMap, PODS_PATH, pod, statefulSet, useApi } from '../harness.ts';

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
const api = useApi({ now: () => NOW });
const SETS_PATH = '/apis/apps/v1/namespaces/default/statefulsets';
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

test('a created object gets uid, version, namespace, a whole-second time and its field manager', async () => {
  const { status, json } = await api.post(`${CONFIG_MAPS_PATH}?fieldManager=tester`, configMap('born', { a: 'b' }));
  assert.equal(status, 201);
  assert.match(json.metadata.uid, UUID);
  assert.match(json.metadata.resourceVersion, /^\d+$/);
  assert.equal(json.metadata.creationTimestamp, '2026-01-02T03:04:05Z');
  assert.equal(json.metadata.namespace, 'default');
  assert.equal(json.metadata.managedFields[0].manager, 'tester');
  assert.deepEqual(json.data, { a: 'b' });
  const read = await api.get(`${CONFIG_MAPS_PATH}/born`);
  assert.deepEqual(read.json, json);
});

test('the server chooses uid and times, and ignores the client’s', async () => {
  const sent = configMap(
    'own-uid',
    {},
    { uid: 'mine', creationTimestamp: null, deletionTimestamp: '2020-01-01T00:00:00Z' },
  );
  const { json } = await api.post(CONFIG_MAPS_PATH, sent);
  assert.match(json.metadata.uid, UUID);
  assert.equal(json.metadata.deletionTimestamp, undefined);
});

test('generateName ends in five characters that cannot be mistaken', async () => {
  const { status, json } = await api.post(CONFIG_MAPS_PATH, {
    metadata: { generateName: 'settings-' },
  });
  assert.equal(status, 201);
  assert.match(json.metadata.name, /^settings-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
});

test('a name that is taken is 409 AlreadyExists', async () => {
  await api.post(SETS_PATH, statefulSet('taken'));
  const { status, json } = await api.post(SETS_PATH, statefulSet('taken'));
  assert.equal(status, 409);
  assert.deepEqual(json, {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: 'statefulsets.apps "taken" already exists',
    reason: 'AlreadyExists',
    details: { name: 'taken', group: 'apps', kind: 'statefulsets' },
    code: 409,
  });
});

test('a missing object is 404 with its resource and name', async () => {
  const { status, json } = await api.get(`${SETS_PATH}/ghost`);
  assert.equal(status, 404);
  assert.equal(json.message, 'statefulsets.apps "ghost" not found');
  assert.deepEqual(json.details, { name: 'ghost', group: 'apps', kind: 'statefulsets' });
  assert.equal((await api.get(`${PODS_PATH}/ghost`)).json.message, 'pods "ghost" not found');
});

test('nothing can be created in a namespace that does not exist', async () => {
  const { status, json } = await api.post('/api/v1/namespaces/nowhere/configmaps', configMap('a'));
  assert.equal(status, 404);
  assert.equal(json.message, 'namespaces "nowhere" not found');
});

test('an object of another kind, name or namespace than its URL is 400', async () => {
  const wrongKind = await api.post(PODS_PATH, configMap('a'));
  assert.equal(wrongKind.status, 400);
  assert.match(wrongKind.json.message, /ConfigMap in version "v1" cannot be handled as a Pod/);
  await api.post(CONFIG_MAPS_PATH, configMap('named'));
  const wrongName = await api.put(`${CONFIG_MAPS_PATH}/named`, configMap('other'));
  assert.equal(wrongName.status, 400);
  assert.equal(wrongName.json.message, 'the name of the object (other) does not match the name on the URL (named)');
  const wrongNamespace = await api.post(CONFIG_MAPS_PATH, configMap('a', {}, { namespace: 'kube-system' }));
  assert.equal(wrongNamespace.status, 400);
  assert.match(wrongNamespace.json.message, /does not match the namespace sent on the request/);
});

test('an update with a stale resourceVersion is 409 in the words that clients know', async () => {
  const { json } = await api.post(SETS_PATH, statefulSet('stale'));
  await api.merge(`${SETS_PATH}/stale`, { spec: { replicas: 4 } });
  const { status, json: answer } = await api.put(`${SETS_PATH}/stale`, {
    ...json,
    spec: { ...json.spec, replicas: 5 },
  });
  assert.equal(status, 409);
  assert.equal(answer.reason, 'Conflict');
  assert.equal(
    answer.message,
    'Operation cannot be fulfilled on statefulsets.apps "stale": the object has been modified; please apply your changes to the latest version and try again',
  );
});

test('a merge patch may carry the version, and a stale one is refused', async () => {
  const { json } = await api.post(CONFIG_MAPS_PATH, configMap('locked'));
  const { resourceVersion } = json.metadata;
  const fresh = await api.merge(`${CONFIG_MAPS_PATH}/locked`, { metadata: { resourceVersion }, data: { a: '1' } });
  assert.equal(fresh.status, 200);
  const stale = await api.merge(`${CONFIG_MAPS_PATH}/locked`, { metadata: { resourceVersion }, data: { a: '2' } });
  assert.equal(stale.status, 409);
  assert.equal((await api.get(`${CONFIG_MAPS_PATH}/locked`)).json.data.a, '1');
});

test('an update for another uid is refused', async () => {
  const { json } = await api.post(CONFIG_MAPS_PATH, configMap('reborn'));
  const put = { ...json, metadata: { ...json.metadata, uid: 'former' } };
  const replaced = await api.put(`${CONFIG_MAPS_PATH}/reborn`, put);
  assert.equal(replaced.status, 409);
  assert.match(
    replaced.json.message,
    new RegExp(`UID in precondition: former, UID in object meta: ${json.metadata.uid}`),
  );
  const { status, json: answer } = await api.merge(`${CONFIG_MAPS_PATH}/reborn`, { metadata: { uid: 'former' } });
  assert.equal(status, 422);
  assert.match(answer.message, /metadata\.uid: Invalid value: "former": field is immutable$/);
});

test('generation counts changes of the spec, not of labels or status', async () => {
  await api.post(SETS_PATH, statefulSet('counted'));
  const path = `${SETS_PATH}/counted`;
  const generation = async () => (await api.get(path)).json.metadata.generation;
  assert.equal(await generation(), 1);
  await api.merge(path, { metadata: { labels: { a: 'b' } } });
  await api.merge(`${path}/status`, { status: { replicas: 2, observedGeneration: 1 } });
  assert.equal(await generation(), 1);
  await api.merge(path, { spec: { replicas: 7 } });
  assert.equal(await generation(), 2);
});

test('status and spec are written apart', async () => {
  await api.post(SETS_PATH, { ...statefulSet('apart'), status: { replicas: 9 } });
  const path = `${SETS_PATH}/apart`;
  assert.equal((await api.get(path)).json.status.replicas, 0);
  await api.merge(path, { status: { replicas: 8 } });
  assert.equal((await api.get(path)).json.status.replicas, 0);
  const { json } = await api.merge(`${path}/status`, { spec: { replicas: 8 }, status: { replicas: 3 } });
  assert.equal(json.status.replicas, 3);
  assert.equal(json.spec.replicas, 3);
});

test('a write that changes nothing makes no new version', async () => {
  const { json } = await api.post(CONFIG_MAPS_PATH, configMap('still', { a: 'b' }));
  const patched = await api.merge(`${CONFIG_MAPS_PATH}/still`, { data: { a: 'b' } });
  assert.equal(patched.status, 200);
  assert.equal(patched.json.metadata.resourceVersion, json.metadata.resourceVersion);
  const { managedFields: _own, ...metadata } = json.metadata;
  const replaced = await api.put(`${CONFIG_MAPS_PATH}/still`, { ...json, metadata });
  assert.equal(replaced.json.metadata.resourceVersion, json.metadata.resourceVersion);
});

test('one empty entry in managedFields forgets all owners', async () => {
  const { json } = await api.post(CONFIG_MAPS_PATH, configMap('ownerless', { a: 'b' }));
  assert.equal(json.metadata.managedFields.length, 1);
  const { json: patched } = await api.merge(`${CONFIG_MAPS_PATH}/ownerless`, { metadata: { managedFields: [{}] } });
  assert.equal(patched.metadata.managedFields, undefined);
});

test('a dry run answers as if and keeps nothing', async () => {
  const created = await api.post(`${CONFIG_MAPS_PATH}?dryRun=All`, configMap('unreal'));
  assert.equal(created.status, 201);
  assert.match(created.json.metadata.uid, UUID);
  assert.equal((await api.get(`${CONFIG_MAPS_PATH}/unreal`)).status, 404);
  await api.post(CONFIG_MAPS_PATH, configMap('real', { a: '1' }));
  const patched = await api.merge(`${CONFIG_MAPS_PATH}/real?dryRun=All`, { data: { a: '2' } });
  assert.equal(patched.json.data.a, '2');
  await api.delete(`${CONFIG_MAPS_PATH}/real?dryRun=All`);
  assert.equal((await api.get(`${CONFIG_MAPS_PATH}/real`)).json.data.a, '1');
  const wrong = await api.post(`${CONFIG_MAPS_PATH}?dryRun=Some`, configMap('x'));
  assert.equal(wrong.status, 422);
  assert.equal(wrong.json.details.causes[0].field, 'dryRun');
});

test('PUT creates leases and needs a version to replace them', async () => {
  const path = '/apis/coordination.k8s.io/v1/namespaces/default/leases/lock';
  const lease = { metadata: { name: 'lock' }, spec: { holderIdentity: 'me' } };
  assert.equal((await api.put(path, lease)).status, 201);
  const { status, json } = await api.put(path, lease);
  assert.equal(status, 422);
  assert.match(json.message, /metadata.resourceVersion: Invalid value: .*must be specified for an update/);
});

test('a PUT without a Content-Type is read as JSON', async () => {
  await api.post(CONFIG_MAPS_PATH, configMap('untyped'));
  const { status } = await api.call('PUT', `${CONFIG_MAPS_PATH}/untyped`, { body: configMap('untyped', { a: 'b' }) });
  assert.equal(status, 200);
});

test('YAML bodies are read too', async () => {
  const body = 'metadata:\n  name: from-yaml\ndata:\n  a: "1"\n';
  const { status, json } = await api.call('POST', CONFIG_MAPS_PATH, { body, contentType: 'application/yaml' });
  assert.equal(status, 201);
  assert.equal(json.data.a, '1');
});

test('bodies that cannot be understood are 400, 413 and 415', async () => {
  const broken = await api.call('POST', CONFIG_MAPS_PATH, { body: '{"a":', contentType: 'application/json' });
  assert.equal(broken.status, 400);
  const xml = await api.call('POST', CONFIG_MAPS_PATH, { body: '<a/>', contentType: 'text/xml' });
  assert.equal(xml.status, 415);
  assert.match(xml.json.message, /accepted media types include: application\/json/);
  const patch = await api.call('PATCH', `${CONFIG_MAPS_PATH}/x`, { body: '{}', contentType: 'application/json' });
  assert.equal(patch.status, 415);
  assert.match(patch.json.message, /application\/strategic-merge-patch\+json/);
  const huge = configMap('huge', { a: 'x'.repeat(3 * 1024 * 1024) });
  assert.equal((await api.post(CONFIG_MAPS_PATH, huge)).status, 413);
});

test('a client that takes no JSON gets 406', async () => {
  const { status, json } = await api.get(PODS_PATH, { Accept: 'application/vnd.kubernetes.protobuf' });
  assert.equal(status, 406);
  assert.equal(json.reason, 'NotAcceptable');
});

test('methods and paths that are not served are 405 and 404', async () => {
  assert.equal((await api.post(`${PODS_PATH}/web-0`, pod('web-0'))).status, 405);
  assert.equal((await api.call('DELETE', '/api/v1/pods')).status, 405);
  assert.equal((await api.get(`${PODS_PATH}/web-0/attach`)).status, 404);
  assert.equal((await api.get('/api/v1/namespaces/default/nodes')).status, 404);
  const unknown = await api.get('/api/v1/namespaces/default/gadgets');
  assert.equal(unknown.json.message, 'the server could not find the requested resource');
  const foreign = await api.get('/apis/example.com/v1/gadgets');
  assert.deepEqual([foreign.status, foreign.text], [404, '404 page not found\n']);
});

test('a Service gets a cluster IP and node ports, and keeps them through updates', async () => {
  const path = '/api/v1/namespaces/default/services';
  const spec = { type: 'LoadBalancer', ports: [{ port: 80 }], selector: { app: 'nginx' } };
  const { json } = await api.post(path, { metadata: { name: 'lb' }, spec });
  assert.match(json.spec.clusterIP, /^10\.96\.\d+\.\d+$/);
  assert.deepEqual(json.spec.clusterIPs, [json.spec.clusterIP]);
  assert.ok(json.spec.ports[0].nodePort >= 30000);
  const replaced = await api.put(`${path}/lb`, { metadata: { name: 'lb' }, spec });
  assert.equal(replaced.status, 200);
  assert.equal(replaced.json.spec.clusterIP, json.spec.clusterIP);
  assert.equal(replaced.json.spec.ports[0].nodePort, json.spec.ports[0].nodePort);
  const headless = await api.post(path, {
    metadata: { name: 'headless' },
    spec: { clusterIP: 'None', ports: [{ port: 80 }] },
  });
  assert.equal(headless.json.spec.clusterIP, 'None');
});

test('a Service that ceases to be a LoadBalancer loses what only that type needs', async () => {
  const path = '/api/v1/namespaces/default/services';
  const { json } = await api.post(path, {
    metadata: { name: 'retyped' },
    spec: { type: 'LoadBalancer', ports: [{ port: 80 }], selector: { app: 'nginx' } },
  });
  const inside = await api.merge(`${path}/retyped`, { spec: { type: 'ClusterIP' } });
  assert.equal(inside.status, 200);
  const { spec } = inside.json;
  assert.deepEqual(
    [spec.ports[0].nodePort, spec.externalTrafficPolicy, spec.allocateLoadBalancerNodePorts],
    [undefined, undefined, undefined],
  );
  assert.equal(spec.clusterIP, json.spec.clusterIP);
});

test('warnings come as Warning headers', async () => {
  const { headers } = await api.get('/api/v1/namespaces/default/endpoints');
  assert.equal(
    headers['warning'],
    '299 - "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"',
  );
  const odd = await api.post(CONFIG_MAPS_PATH, configMap('odd', {}, { finalizers: ['mine'] }));
  assert.match(String(odd.headers['warning']), /metadata\.finalizers: \\"mine\\": prefer a domain-qualified finalizer/);
});

test('an invalid object is 422 with a cause per field', async () => {
  const broken = statefulSet('broken');
  const spec = { ...(broken['spec'] as object), replicas: -1 };
  const { status, json } = await api.post(SETS_PATH, { ...broken, spec });
  assert.equal(status, 422);
  assert.equal(json.reason, 'Invalid');
  assert.match(json.message, /^StatefulSet\.apps "broken" is invalid: spec\.replicas: Invalid value: /);
  assert.deepEqual(
    [json.details.kind, json.details.group, json.details.causes[0].field],
    ['StatefulSet', 'apps', 'spec.replicas'],
  );
});
