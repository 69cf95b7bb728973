import assert from 'node:assert/strict';
import { test } from 'node:test';
import { useApi } from '../harness.ts';

const api = useApi();
const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
const KUBECTL_ACCEPT = `${AGGREGATED},application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json`;

interface Named {
  name: string;
}

test('aggregated discovery is answered with exactly the type that was asked for', async () => {
  const { headers, json } = await api.get('/apis', { Accept: KUBECTL_ACCEPT });
  assert.equal(headers['content-type'], AGGREGATED);
  assert.deepEqual([json.kind, json.apiVersion], ['APIGroupDiscoveryList', 'apidiscovery.k8s.io/v2']);
  const apps = json.items.find(({ metadata }: { metadata: Named }) => metadata.name === 'apps');
  const sets = apps.versions[0].resources.find(({ resource }: { resource: string }) => resource === 'statefulsets');
  assert.deepEqual(sets.responseKind, { group: 'apps', version: 'v1', kind: 'StatefulSet' });
  assert.deepEqual([sets.scope, sets.shortNames], ['Namespaced', ['sts']]);
  const scale = sets.subresources.find(({ subresource }: { subresource: string }) => subresource === 'scale');
  assert.deepEqual(scale.responseKind, { group: 'autoscaling', version: 'v1', kind: 'Scale' });
});

test('clients without aggregation get groups, versions and resources one by one', async () => {
  assert.deepEqual((await api.get('/api')).json.versions, ['v1']);
  const { json: groups } = await api.get('/apis');
  assert.equal(groups.kind, 'APIGroupList');
  const names = groups.groups.map(({ name }: Named) => name);
  for (const group of ['apps', 'policy', 'discovery.k8s.io', 'authorization.k8s.io']) assert.ok(names.includes(group));
  assert.equal((await api.get('/apis/apps')).json.preferredVersion.groupVersion, 'apps/v1');
  assert.equal((await api.get('/apis/apps/v2')).status, 404);
  assert.equal((await api.get('/apis/example.com')).status, 404);
});

test('the core list has the eviction subresource, without which kubectl drain deletes', async () => {
  const { json } = await api.get('/api/v1');
  const eviction = json.resources.find(({ name }: Named) => name === 'pods/eviction');
  assert.deepEqual([eviction.kind, eviction.group, eviction.version], ['Eviction', 'policy', 'v1']);
  const node = json.resources.find(({ name }: Named) => name === 'nodes');
  assert.deepEqual([node.namespaced, node.shortNames], [false, ['no']]);
});

test('OpenAPI v3 names each kind as one whose fields the server validates', async () => {
  const { json: index } = await api.get('/openapi/v3');
  const url: string = index.paths['apis/apps/v1'].serverRelativeURL;
  assert.match(url, /^\/openapi\/v3\/apis\/apps\/v1\?hash=[0-9A-F]+$/);
  const { json } = await api.get(url);
  const patch = json.paths['/apis/apps/v1/namespaces/{namespace}/statefulsets/{name}'].patch;
  assert.deepEqual(patch['x-kubernetes-group-version-kind'], { group: 'apps', version: 'v1', kind: 'StatefulSet' });
  assert.equal(patch.parameters[0].name, 'fieldValidation');
  assert.equal((await api.get('/openapi/v2')).status, 404);
});

test('version and health are there', async () => {
  assert.equal((await api.get('/version')).json.minor, '34');
  for (const path of ['/healthz', '/livez', '/readyz']) assert.equal((await api.get(path)).text, 'ok');
  assert.equal((await api.call('POST', '/version')).status, 405);
});
