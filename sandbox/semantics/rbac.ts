import type { KubeObject } from '../../lib/ports.ts';
import { asList, asMap, asMaps, asText, type JsonMap } from './json.ts';

export interface RbacSubject {
  user: string;
  groups: readonly string[];
}

/** The subject of a question: a resource (`resource`, with `group` '' for the core group), or a plain path such as /version. */
export interface RbacRequest {
  verb: string;
  group: string;
  resource: string;
  subresource?: string;
  name?: string;
  namespace?: string;
  /** Set for requests that are not about a resource; then the other fields do not count. */
  path?: string;
}

export interface RbacPolicy {
  roles: readonly KubeObject[];
  roleBindings: readonly KubeObject[];
  clusterRoles: readonly KubeObject[];
  clusterRoleBindings: readonly KubeObject[];
}

/**
 * Whether RBAC lets the subject do it (Kubernetes: plugin/pkg/auth/authorizer/rbac). Rules only ever add rights.
 * A ClusterRoleBinding holds everywhere, a RoleBinding in its namespace, for a Role or a ClusterRole.
 * The group system:masters may do anything. Aggregated ClusterRoles count with the rules that they have.
 */
export function isAllowed(subject: RbacSubject, request: RbacRequest, policy: RbacPolicy): boolean {
  if (subject.groups.includes('system:masters')) {
    return true;
  }
  const bound = (binding: KubeObject) =>
    asMaps(binding['subjects']).some((entry) => matchesSubject(entry, subject, binding.metadata.namespace));
  const grants = (binding: KubeObject) =>
    bound(binding) && rulesOf(binding, policy).some((rule) => matchesRule(rule, request));
  return (
    policy.clusterRoleBindings.some(grants) ||
    (request.path === undefined &&
      request.namespace !== undefined &&
      policy.roleBindings.some((binding) => binding.metadata.namespace === request.namespace && grants(binding)))
  );
}

function matchesSubject(entry: JsonMap, subject: RbacSubject, bindingNamespace: string | undefined): boolean {
  const name = asText(entry['name']);
  switch (entry['kind']) {
    case 'User':
      return name === subject.user;
    case 'Group':
      return subject.groups.includes(name);
    case 'ServiceAccount': {
      const namespace = asText(entry['namespace']) || bindingNamespace;
      return namespace !== undefined && subject.user === `system:serviceaccount:${namespace}:${name}`;
    }
    default:
      return false;
  }
}

function rulesOf(binding: KubeObject, policy: RbacPolicy): readonly JsonMap[] {
  const reference = asMap(binding['roleRef']);
  const role =
    reference['kind'] === 'ClusterRole'
      ? policy.clusterRoles.find((candidate) => candidate.metadata.name === reference['name'])
      : policy.roles.find(
          (candidate) =>
            candidate.metadata.name === reference['name'] &&
            candidate.metadata.namespace === binding.metadata.namespace,
        );
  return asMaps(role?.['rules']);
}

function matchesRule(rule: JsonMap, request: RbacRequest): boolean {
  const has = (list: string, wanted: string) => {
    const values = asList(rule[list]);
    return values.includes('*') || values.includes(wanted);
  };
  if (!has('verbs', request.verb)) {
    return false;
  }
  if (request.path !== undefined) {
    return asList(rule['nonResourceURLs']).some((pattern) => matchesPath(asText(pattern), request.path ?? ''));
  }
  return has('apiGroups', request.group) && matchesResource(rule, request) && matchesName(rule, request);
}

function matchesResource(rule: JsonMap, request: RbacRequest): boolean {
  const { resource, subresource } = request;
  const wanted = subresource === undefined || subresource === '' ? resource : `${resource}/${subresource}`;
  const values = asList(rule['resources']);
  return (
    values.includes('*') || values.includes(wanted) || (wanted !== resource && values.includes(`*/${subresource}`))
  );
}

/** A rule with names covers neither lists nor creations: those carry no name (Kubernetes: ResourceNameMatches). */
function matchesName(rule: JsonMap, request: RbacRequest): boolean {
  const names = asList(rule['resourceNames']);
  return names.length === 0 || (request.name !== undefined && names.includes(request.name));
}

function matchesPath(pattern: string, path: string): boolean {
  return pattern === '*' || pattern === path || (pattern.endsWith('*') && path.startsWith(pattern.slice(0, -1)));
}
