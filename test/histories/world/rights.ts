/** The rights of the operator in a history: the roles of deploy/rbac.yaml, bound as its examples bind them. */
import { CLUSTER_ROLE_BINDINGS, CLUSTER_ROLES, ROLE_BINDINGS, ROLES } from '../../../lib/ports/resources.ts';
import type { KubeObject } from '../../../lib/ports.ts';
import type { ApiServer } from './api-server.ts';

/** The user whose rights the program has. */
export const OPERATOR = { user: 'operator', groups: ['operators'] };

/** `rbac`: the objects of deploy/rbac.yaml. */
export function bindRoles(api: ApiServer, rbac: readonly KubeObject[]): void {
  for (const role of rbac.filter(({ kind }) => kind === 'Role')) api.create(ROLES, role);
  for (const role of rbac.filter(({ kind }) => kind === 'ClusterRole')) api.create(CLUSTER_ROLES, role);
  api.create(CLUSTER_ROLE_BINDINGS, {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: 'operators' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'kubectl-zeroloss-surroundings' },
    subjects: [{ kind: 'Group', name: 'operators', apiGroup: 'rbac.authorization.k8s.io' }],
  });
  api.create(ROLE_BINDINGS, {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name: 'operators' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'kubectl-zeroloss-operate' },
    subjects: [{ kind: 'Group', name: 'operators', apiGroup: 'rbac.authorization.k8s.io' }],
  });
}
