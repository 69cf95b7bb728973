/** The ClusterRoles and bindings that every cluster begins with, cut down to the resources served here. */
import type { KubeObject } from '../../../lib/ports.ts';
import { CATALOGUE } from '../catalogue.ts';
import { AUTHENTICATED, MASTERS } from './identity.ts';

const API_VERSION = 'rbac.authorization.k8s.io/v1';
const API_GROUP = 'rbac.authorization.k8s.io';

interface Rule {
  apiGroups?: readonly string[];
  resources?: readonly string[];
  nonResourceURLs?: readonly string[];
  verbs: readonly string[];
}

const READ = ['get', 'list', 'watch'];
const WRITE = ['create', 'delete', 'deletecollection', 'patch', 'update'];

/** Namespaced resources by group, without those that would let a user widen or read credentials. */
function workloadRules(verbs: readonly string[], withSecrets: boolean): Rule[] {
  const served = CATALOGUE.filter(({ namespaced, group }) => namespaced && group !== API_GROUP).filter(
    ({ plural }) => withSecrets || plural !== 'secrets',
  );
  return [...new Set(served.map(({ group }) => group))].map((group) => ({
    apiGroups: [group],
    resources: served
      .filter((resource) => resource.group === group)
      .flatMap(({ plural, subresources }) => [plural, ...subresources.map((name) => `${plural}/${name}`)])
      .filter((name) => withSecrets || !/^pods\/(exec|proxy)$/.test(name)),
    verbs,
  }));
}

const NAMESPACE_RULE: Rule = { apiGroups: [''], resources: ['namespaces'], verbs: READ };
const RBAC_RULE: Rule = { apiGroups: [API_GROUP], resources: ['roles', 'rolebindings'], verbs: [...READ, ...WRITE] };
const EDIT_RULES = [...workloadRules([...READ, ...WRITE], true), NAMESPACE_RULE];

const ROLES: Readonly<Record<string, readonly Rule[]>> = {
  'cluster-admin': [
    { apiGroups: ['*'], resources: ['*'], verbs: ['*'] },
    { nonResourceURLs: ['*'], verbs: ['*'] },
  ],
  admin: [...EDIT_RULES, RBAC_RULE],
  edit: EDIT_RULES,
  view: [...workloadRules(READ, false), NAMESPACE_RULE],
  'system:discovery': [
    {
      nonResourceURLs: [
        '/api',
        '/api/*',
        '/apis',
        '/apis/*',
        '/healthz',
        '/livez',
        '/openapi',
        '/openapi/*',
        '/readyz',
        '/version',
        '/version/',
      ],
      verbs: ['get'],
    },
  ],
  'system:basic-user': [
    {
      apiGroups: ['authorization.k8s.io'],
      resources: ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'],
      verbs: ['create'],
    },
    { apiGroups: ['authentication.k8s.io'], resources: ['selfsubjectreviews'], verbs: ['create'] },
  ],
};

const BINDINGS: Readonly<Record<string, string>> = {
  'cluster-admin': MASTERS,
  'system:discovery': AUTHENTICATED,
  'system:basic-user': AUTHENTICATED,
};

const metadata = (name: string) => ({
  name,
  labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults' },
  annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'true' },
});

/** The objects to create at start. */
export function bootstrapPolicy(): { clusterRoles: KubeObject[]; clusterRoleBindings: KubeObject[] } {
  return {
    clusterRoles: Object.entries(ROLES).map(([name, rules]) => ({
      apiVersion: API_VERSION,
      kind: 'ClusterRole',
      metadata: metadata(name),
      rules,
    })),
    clusterRoleBindings: Object.entries(BINDINGS).map(([name, group]) => ({
      apiVersion: API_VERSION,
      kind: 'ClusterRoleBinding',
      metadata: metadata(name),
      roleRef: { apiGroup: API_GROUP, kind: 'ClusterRole', name },
      subjects: [{ kind: 'Group', apiGroup: API_GROUP, name: group }],
    })),
  };
}
