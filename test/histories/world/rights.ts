/** The rights of the operator in a history: the roles of deploy/rbac.yaml, bound as its examples bind them. */
import { CLUSTER_ROLE_BINDINGS, CLUSTER_ROLES, ROLE_BINDINGS, ROLES } from '../../../lib/ports/resources.ts';
import type { KubeObject } from '../../../lib/ports.ts';
import { roleBinding } from '../../role-binding.ts';
import type { ApiServer } from './api-server.ts';

/** The user whose rights the program has. */
export const OPERATOR = { user: 'operator', groups: ['operators'] };

/** `rbac`: the objects of deploy/rbac.yaml. */
export function bindRoles(api: ApiServer, rbac: readonly KubeObject[]): void {
  for (const role of rbac.filter(({ kind }) => kind === 'Role')) api.create(ROLES, role);
  for (const role of rbac.filter(({ kind }) => kind === 'ClusterRole')) api.create(CLUSTER_ROLES, role);
  const bind = (kind: 'Role' | 'ClusterRole', name: string): KubeObject =>
    roleBinding('operators', { kind, name }, { kind: 'Group', name: 'operators' });
  api.create(CLUSTER_ROLE_BINDINGS, bind('ClusterRole', 'kubectl-zeroloss-surroundings'));
  api.create(ROLE_BINDINGS, bind('Role', 'kubectl-zeroloss-operate'));
}
