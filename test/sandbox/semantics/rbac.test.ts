import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isAllowed, type RbacPolicy, type RbacRequest } from '../../../sandbox/semantics/rbac.ts';

const role = (name: string, rules: object[], namespace?: string) => ({
  metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
  rules,
});
const binding = (kind: string, roleName: string, subjects: object[], namespace?: string) => ({
  metadata: { name: 'binding', ...(namespace === undefined ? {} : { namespace }) },
  roleRef: { kind, name: roleName },
  subjects,
});
const policy = (parts: Partial<RbacPolicy>): RbacPolicy => ({
  roles: [],
  roleBindings: [],
  clusterRoles: [],
  clusterRoleBindings: [],
  ...parts,
});
const ann = { user: 'ann', groups: ['ops', 'system:authenticated'] };
const asks = (verb: string, resource: string, more: Partial<RbacRequest> = {}): RbacRequest => ({
  verb,
  resource,
  group: '',
  namespace: 'web',
  ...more,
});
const readPods = [{ verbs: ['get', 'list'], apiGroups: [''], resources: ['pods', 'pods/log'] }];
const toAnn = [{ kind: 'User', name: 'ann' }];

test('nothing is allowed without a rule, and everything to system:masters', () => {
  assert.equal(isAllowed(ann, asks('get', 'pods'), policy({})), false);
  assert.equal(isAllowed({ user: 'x', groups: ['system:masters'] }, asks('delete', 'nodes'), policy({})), true);
});

test('a RoleBinding holds in its own namespace only', () => {
  const given = policy({
    roles: [role('reader', readPods, 'web')],
    roleBindings: [binding('Role', 'reader', toAnn, 'web')],
  });
  assert.equal(isAllowed(ann, asks('get', 'pods'), given), true);
  assert.equal(isAllowed(ann, asks('get', 'pods', { namespace: 'other' }), given), false);
  assert.equal(isAllowed({ user: 'bob', groups: [] }, asks('get', 'pods'), given), false);
  const { namespace: _, ...clusterWide } = asks('list', 'pods');
  assert.equal(isAllowed(ann, clusterWide, given), false);
});

test('a ClusterRole bound by a RoleBinding stays in the namespace, by a ClusterRoleBinding it does not', () => {
  const clusterRoles = [role('reader', readPods)];
  const local = policy({ clusterRoles, roleBindings: [binding('ClusterRole', 'reader', toAnn, 'web')] });
  assert.equal(isAllowed(ann, asks('list', 'pods'), local), true);
  assert.equal(isAllowed(ann, asks('list', 'pods', { namespace: 'other' }), local), false);
  const everywhere = policy({ clusterRoles, clusterRoleBindings: [binding('ClusterRole', 'reader', toAnn)] });
  assert.equal(isAllowed(ann, asks('list', 'pods', { namespace: 'other' }), everywhere), true);
});

test('verb, group, resource and subresource must each be covered', () => {
  const given = policy({
    clusterRoles: [role('reader', readPods)],
    clusterRoleBindings: [binding('ClusterRole', 'reader', toAnn)],
  });
  assert.equal(isAllowed(ann, asks('get', 'pods', { subresource: 'log' }), given), true);
  assert.equal(isAllowed(ann, asks('get', 'pods', { subresource: 'exec' }), given), false);
  assert.equal(isAllowed(ann, asks('delete', 'pods'), given), false);
  assert.equal(isAllowed(ann, asks('get', 'pods', { group: 'apps' }), given), false);
  assert.equal(isAllowed(ann, asks('get', 'services'), given), false);
});

test('stars cover everything of their list, and */scale every scale', () => {
  const rules = [
    { verbs: ['*'], apiGroups: ['apps'], resources: ['*'] },
    { verbs: ['patch'], apiGroups: ['*'], resources: ['*/scale'] },
  ];
  const given = policy({
    clusterRoles: [role('all', rules)],
    clusterRoleBindings: [binding('ClusterRole', 'all', toAnn)],
  });
  assert.equal(isAllowed(ann, asks('delete', 'statefulsets', { group: 'apps', subresource: 'status' }), given), true);
  assert.equal(isAllowed(ann, asks('patch', 'things', { group: 'x.y', subresource: 'scale' }), given), true);
  assert.equal(isAllowed(ann, asks('patch', 'things', { group: 'x.y' }), given), false);
});

test('a rule with names covers those objects, and neither lists nor creations', () => {
  const rules = [{ verbs: ['*'], apiGroups: [''], resources: ['services'], resourceNames: ['nginx'] }];
  const given = policy({
    clusterRoles: [role('one', rules)],
    clusterRoleBindings: [binding('ClusterRole', 'one', toAnn)],
  });
  assert.equal(isAllowed(ann, asks('patch', 'services', { name: 'nginx' }), given), true);
  assert.equal(isAllowed(ann, asks('patch', 'services', { name: 'other' }), given), false);
  assert.equal(isAllowed(ann, asks('create', 'services'), given), false);
});

test('groups and service accounts are subjects too', () => {
  const clusterRoles = [role('reader', readPods)];
  const group = policy({
    clusterRoles,
    clusterRoleBindings: [binding('ClusterRole', 'reader', [{ kind: 'Group', name: 'ops' }])],
  });
  assert.equal(isAllowed(ann, asks('get', 'pods'), group), true);
  const account = policy({
    clusterRoles,
    roleBindings: [binding('ClusterRole', 'reader', [{ kind: 'ServiceAccount', name: 'bot' }], 'web')],
  });
  assert.equal(isAllowed({ user: 'system:serviceaccount:web:bot', groups: [] }, asks('get', 'pods'), account), true);
  assert.equal(isAllowed({ user: 'bot', groups: [] }, asks('get', 'pods'), account), false);
});

test('paths are granted by ClusterRoleBindings, with a star at the end for all below', () => {
  const rules = [{ verbs: ['get'], nonResourceURLs: ['/version', '/api/*'] }];
  const given = policy({
    clusterRoles: [role('paths', rules)],
    clusterRoleBindings: [binding('ClusterRole', 'paths', toAnn)],
  });
  assert.equal(isAllowed(ann, asks('get', '', { path: '/version' }), given), true);
  assert.equal(isAllowed(ann, asks('get', '', { path: '/api/v1' }), given), true);
  assert.equal(isAllowed(ann, asks('get', '', { path: '/apis' }), given), false);
  assert.equal(isAllowed(ann, asks('get', 'pods'), given), false);
  const local = policy({
    clusterRoles: [role('paths', rules)],
    roleBindings: [binding('ClusterRole', 'paths', toAnn, 'web')],
  });
  assert.equal(isAllowed(ann, asks('get', '', { path: '/version' }), local), false);
});
