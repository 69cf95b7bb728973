import assert from 'node:assert/strict';
import { test } from 'node:test';
import { statefulSet, useApi } from '../harness.ts';

const api = useApi();
const SETS_PATH = '/apis/apps/v1/namespaces/default/statefulsets';

const apply = (name: string, query: string, body: unknown) =>
  api.call('PATCH', `${SETS_PATH}/${name}?${query}`, { body, contentType: 'application/apply-patch+yaml' });

test('an apply from nothing creates, and the same again changes nothing', async () => {
  const first = await apply('made', 'fieldManager=one', statefulSet('made'));
  assert.equal(first.status, 201);
  assert.equal(first.json.metadata.generation, 1);
  const entry = first.json.metadata.managedFields[0];
  assert.deepEqual([entry.manager, entry.operation], ['one', 'Apply']);
  const again = await apply('made', 'fieldManager=one', statefulSet('made'));
  assert.equal(again.status, 200);
  assert.equal(again.json.metadata.resourceVersion, first.json.metadata.resourceVersion);
});

test('YAML is applied as well', async () => {
  const body = `apiVersion: apps/v1\nkind: StatefulSet\nmetadata:\n  name: made\nspec:\n  replicas: 3\n`;
  const { status, json } = await apply('made', 'fieldManager=yaml', body);
  assert.deepEqual([status, json.spec.replicas], [200, 3]);
});

test('a field of another manager is a conflict with its cause, until it is forced', async () => {
  await apply('fought', 'fieldManager=one', statefulSet('fought', 3));
  const { status, json } = await apply('fought', 'fieldManager=two', statefulSet('fought', 5));
  assert.equal(status, 409);
  assert.match(json.message, /^Apply failed with 1 conflict: conflict with "one": \.spec\.replicas/);
  assert.deepEqual(json.details.causes, [
    { reason: 'FieldManagerConflict', message: 'conflict with "one"', field: '.spec.replicas' },
  ]);
  const forced = await apply('fought', 'fieldManager=two&force=true', statefulSet('fought', 5));
  assert.deepEqual([forced.status, forced.json.spec.replicas], [200, 5]);
});

test('an apply needs a manager and brings no managedFields of its own', async () => {
  const nameless = await apply('made', '', statefulSet('made'));
  assert.equal(nameless.status, 422);
  assert.match(nameless.json.message, /fieldManager: Required value: is required for apply patch/);
  const { metadata, ...rest } = statefulSet('made');
  const booked = await apply('made', 'fieldManager=one', { ...rest, metadata: { ...metadata, managedFields: [] } });
  assert.deepEqual([booked.status, booked.json.message], [400, 'metadata.managedFields must be nil']);
});

test('an applied resourceVersion is a lock', async () => {
  const { json } = await apply('locked', 'fieldManager=one', statefulSet('locked', 3));
  const set = (replicas: number) => {
    const object = statefulSet('locked', replicas);
    return { ...object, metadata: { ...object.metadata, resourceVersion: json.metadata.resourceVersion } };
  };
  assert.equal((await apply('locked', 'fieldManager=one', set(4))).status, 200);
  assert.equal((await apply('locked', 'fieldManager=one', set(5))).status, 409);
});

test('a status can be applied apart from the spec', async () => {
  await apply('reported', 'fieldManager=one', statefulSet('reported'));
  const body = { apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name: 'reported' }, status: { replicas: 2 } };
  const { status, json } = await api.call('PATCH', `${SETS_PATH}/reported/status?fieldManager=controller`, {
    body,
    contentType: 'application/apply-patch+yaml',
  });
  assert.deepEqual([status, json.status.replicas, json.spec.replicas], [200, 2, 3]);
  const entry = json.metadata.managedFields.find(({ manager }: { manager: string }) => manager === 'controller');
  assert.deepEqual([entry.operation, entry.subresource], ['Apply', 'status']);
});

test('each kind of patch does what its type says', async () => {
  await api.post(SETS_PATH, statefulSet('typed'));
  const patch = (contentType: string, body: unknown) =>
    api.call('PATCH', `${SETS_PATH}/typed`, { body, contentType: `application/${contentType}` });
  const containers = (name: string) => ({ spec: { template: { spec: { containers: [{ name, image: 'x' }] } } } });
  const names = ({ json }: { json: { spec: { template: { spec: { containers: { name: string }[] } } } } }) =>
    json.spec.template.spec.containers.map(({ name }) => name);
  assert.deepEqual(names(await patch('strategic-merge-patch+json', containers('side'))).sort(), ['nginx', 'side']);
  assert.deepEqual(names(await patch('merge-patch+json', containers('alone'))), ['alone']);
  const operations = [
    { op: 'test', path: '/spec/replicas', value: 3 },
    { op: 'replace', path: '/spec/replicas', value: 4 },
  ];
  assert.equal((await patch('json-patch+json', operations)).json.spec.replicas, 4);
  const failed = await patch('json-patch+json', operations);
  assert.deepEqual([failed.status, failed.json.reason], [422, 'Invalid']);
  assert.equal((await patch('merge-patch+json', '[]')).status, 400);
});
