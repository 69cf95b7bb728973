import assert from 'node:assert/strict';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { Agent } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openAuthority } from '../../../../sandbox/apiserver/pki/authority.ts';
import { type CallOptions, CONFIG_MAPS_PATH, configMap, credentialsOf, PODS_PATH, useApi } from '../harness.ts';

const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const api = useApi({}, async ({ post }) => {
  await post(`${RBAC}/namespaces/default/roles`, {
    metadata: { name: 'reader' },
    rules: [
      { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch'] },
      { apiGroups: [''], resources: ['configmaps'], resourceNames: ['one'], verbs: ['list', 'get'] },
    ],
  });
  await post(`${RBAC}/namespaces/default/rolebindings`, {
    metadata: { name: 'readers' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'reader' },
    subjects: [{ kind: 'Group', apiGroup: 'rbac.authorization.k8s.io', name: 'team-a' }],
  });
});

/** Calls as a user with a token of their own. */
async function as(user: string, groups: string[] = []) {
  const { ca, token } = await credentialsOf(await api.server.kubeconfigFor(user, groups));
  const agent = api.agent({ ca });
  return (method: string, path: string, options: CallOptions = {}) =>
    api.call(method, path, { ...options, agent, headers: { ...options.headers, Authorization: `Bearer ${token}` } });
}

test('a request without a credential, or with an unknown token, gets 401 and nothing else', async () => {
  const { ca } = await credentialsOf(api.server.kubeconfigFile);
  const agent = api.agent({ ca });
  for (const headers of [{}, { Authorization: 'Bearer guessed' }, { Authorization: 'Basic YTpi' }]) {
    const { status, json } = await api.call('GET', PODS_PATH, { agent, headers });
    assert.equal(status, 401);
    assert.deepEqual(json, {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: 'Unauthorized',
      reason: 'Unauthorized',
      code: 401,
    });
  }
});

test('a client certificate of another authority is no credential', async (t) => {
  const elsewhere = await mkdtemp(join(tmpdir(), 'other-ca-'));
  t.after(() => rm(elsewhere, { recursive: true }));
  const forged = await (await openAuthority(elsewhere)).issueClient('admin', ['system:masters']);
  const { ca } = await credentialsOf(api.server.kubeconfigFile);
  const { status } = await api.call('GET', PODS_PATH, { agent: api.agent({ ca, ...forged }) });
  assert.equal(status, 401);
});

test('a certificate counts on a resumed TLS session too', async (t) => {
  const { ca, cert, key } = await credentialsOf(api.server.kubeconfigFile);
  const agent = new Agent({ ca, cert, key, keepAlive: false });
  t.after(() => agent.destroy());
  for (let round = 0; round < 3; round += 1) {
    assert.equal((await api.call('GET', PODS_PATH, { agent })).status, 200);
  }
});

test('a user may do what a Role of their group says, in its namespace only', async () => {
  const alice = await as('alice', ['team-a']);
  assert.equal((await alice('GET', PODS_PATH)).status, 200);
  const { status, json } = await alice('DELETE', `${PODS_PATH}/web-0`);
  assert.equal(status, 403);
  assert.deepEqual([json.reason, json.details], ['Forbidden', { name: 'web-0', kind: 'pods' }]);
  assert.equal(
    json.message,
    'pods "web-0" is forbidden: User "alice" cannot delete resource "pods" in API group "" in the namespace "default"',
  );
  const elsewhere = await alice('GET', '/api/v1/namespaces/kube-system/pods');
  assert.match(elsewhere.json.message, /cannot list resource "pods" in API group "" in the namespace "kube-system"/);
  const everywhere = await alice('GET', '/api/v1/pods');
  assert.equal(
    everywhere.json.message,
    'pods is forbidden: User "alice" cannot list resource "pods" in API group "" at the cluster scope',
  );
});

test('a subresource is a right of its own', async () => {
  const alice = await as('alice', ['team-a']);
  const { json } = await alice('GET', `${PODS_PATH}/web-0/exec?command=ls`);
  assert.match(
    json.message,
    /^pods "web-0" is forbidden: User "alice" cannot get resource "pods\/exec" in API group ""/,
  );
  const { json: scale } = await alice('PATCH', '/apis/apps/v1/namespaces/default/statefulsets/web/scale');
  assert.match(
    scale.message,
    /^statefulsets\.apps "web" is forbidden: .* resource "statefulsets\/scale" in API group "apps"/,
  );
});

test('a rule with resourceNames covers a list by that name', async () => {
  const alice = await as('alice', ['team-a']);
  assert.equal((await alice('GET', `${CONFIG_MAPS_PATH}?fieldSelector=metadata.name%3Done`)).status, 200);
  assert.equal((await alice('GET', `${CONFIG_MAPS_PATH}?fieldSelector=metadata.name%3Dtwo`)).status, 403);
  assert.equal((await alice('GET', CONFIG_MAPS_PATH)).status, 403);
});

test('everybody who is known may read discovery and ask what they may do', async () => {
  const bob = await as('bob');
  assert.equal((await bob('GET', '/apis')).status, 200);
  assert.equal((await bob('GET', '/version')).status, 200);
  const ask = async (attributes: object) => {
    const body = { spec: { resourceAttributes: attributes } };
    const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
    return (await bob('POST', path, { body, contentType: 'application/json' })).json;
  };
  const review = await ask({ verb: 'get', resource: 'pods', namespace: 'default' });
  assert.deepEqual([review.kind, review.status.allowed], ['SelfSubjectAccessReview', false]);
  const { json } = await bob('GET', '/metrics');
  assert.equal(json.message, 'forbidden: User "bob" cannot get path "/metrics"');
});

test('an access review sees new bindings at once', async () => {
  const carol = await as('carol');
  const allowed = async () => {
    const body = { spec: { resourceAttributes: { verb: 'list', resource: 'secrets', namespace: 'default' } } };
    const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
    return (await carol('POST', path, { body, contentType: 'application/json' })).json.status.allowed;
  };
  assert.equal(await allowed(), false);
  await api.post(`${RBAC}/clusterrolebindings`, {
    metadata: { name: 'carol-edits' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'edit' },
    subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'carol' }],
  });
  assert.equal(await allowed(), true);
});

test('the role view reads workloads and neither secrets nor processes', async () => {
  await api.post(`${RBAC}/namespaces/default/rolebindings`, {
    metadata: { name: 'dave-views' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
    subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'dave' }],
  });
  const dave = await as('dave');
  assert.equal((await dave('GET', '/apis/apps/v1/namespaces/default/statefulsets')).status, 200);
  assert.equal((await dave('GET', '/api/v1/namespaces/default/secrets')).status, 403);
  assert.equal((await dave('GET', `${PODS_PATH}/web-0/exec`)).status, 403);
  assert.equal((await dave('POST', CONFIG_MAPS_PATH)).status, 403);
});

test('the administrator may act as another user, with that user rights and groups', async () => {
  const headers = { 'Impersonate-User': 'erin', 'Impersonate-Group': ['team-a', 'team, b'] };
  assert.equal((await api.get(PODS_PATH, headers)).status, 200);
  const refused = await api.get('/api/v1/nodes', headers);
  assert.match(refused.json.message, /^nodes is forbidden: User "erin" cannot list/);
  const who = await api.post('/apis/authentication.k8s.io/v1/selfsubjectreviews', {}, headers);
  assert.deepEqual(who.json.status.userInfo, {
    username: 'erin',
    groups: ['team-a', 'team, b', 'system:authenticated'],
  });
});

test('acting as another needs the verb impersonate', async () => {
  const frank = await as('frank');
  const { status, json } = await frank('GET', PODS_PATH, { headers: { 'Impersonate-User': 'admin' } });
  assert.equal(status, 403);
  assert.equal(
    json.message,
    'users "admin" is forbidden: User "frank" cannot impersonate resource "users" in API group "" at the cluster scope',
  );
  const nobody = await api.get(PODS_PATH, { 'Impersonate-Group': 'team-a' });
  assert.equal(nobody.status, 400);
});

test('a service account is impersonated with the groups that it belongs to', async () => {
  const headers = { 'Impersonate-User': 'system:serviceaccount:default:robot' };
  const { json } = await api.post('/apis/authentication.k8s.io/v1/selfsubjectreviews', {}, headers);
  assert.deepEqual(json.status.userInfo.groups, [
    'system:serviceaccounts',
    'system:serviceaccounts:default',
    'system:authenticated',
  ]);
});

test('kubeconfigs are private files, for tokens and for certificates', async () => {
  const path = await api.server.kubeconfigFor('grace', ['team-a'], { credential: 'certificate' });
  const agent = api.agent(await credentialsOf(path));
  assert.equal((await api.call('GET', PODS_PATH, { agent })).status, 200);
  if (process.platform !== 'win32') {
    for (const file of [path, api.server.kubeconfigFile]) assert.equal((await stat(file)).mode & 0o777, 0o600);
  }
});

test('a forbidden write is refused before its body is read', async () => {
  const alice = await as('alice', ['team-a']);
  const { status } = await alice('POST', CONFIG_MAPS_PATH, { body: configMap('x'), contentType: 'text/xml' });
  assert.equal(status, 403);
});
