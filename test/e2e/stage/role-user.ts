/** People who have one shipped Role, and nothing else. */

import { ROLE_BINDINGS, ROLES } from '../../../lib/ports/resources.ts';
import { named, rbacObjects } from '../../deploy/manifests.ts';
import { roleBinding } from '../../role-binding.ts';
import type { E2eCluster } from '../cluster/cluster.ts';
import type { Stage } from './stage.ts';

/** The environment of a user who has one Role of deploy/rbac.yaml in the stage's namespace. */
export async function onlyRole(cluster: E2eCluster, { namespace }: Stage, role: string, user: string) {
  await cluster.kube.create(ROLES, named(await rbacObjects(), role), { namespace });
  const binding = roleBinding(user, { kind: 'Role', name: role }, { kind: 'User', name: user });
  await cluster.kube.create(ROLE_BINDINGS, binding, { namespace });
  return { KUBECONFIG: await cluster.kubeconfigFor(user, [], { namespace }) };
}
