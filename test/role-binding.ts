/** The binding of a role to a user or a group, as an administrator writes it. */
import type { KubeObject } from '../lib/ports.ts';

const RBAC = 'rbac.authorization.k8s.io';

/** `name`: of the binding; its kind is the role's. */
export const roleBinding = (
  name: string,
  role: { kind: 'Role' | 'ClusterRole'; name: string },
  subject: { kind: 'User' | 'Group'; name: string },
): KubeObject => ({
  apiVersion: `${RBAC}/v1`,
  kind: `${role.kind}Binding`,
  metadata: { name },
  roleRef: { apiGroup: RBAC, ...role },
  subjects: [{ apiGroup: RBAC, ...subject }],
});
