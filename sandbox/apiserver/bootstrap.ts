/** The objects that a cluster has before anybody creates one. */

import { CLUSTER_ROLE_BINDINGS, CLUSTER_ROLES, NAMESPACES } from '../../lib/ports/resources.ts';
import type { KubeObject, Resource } from '../../lib/ports.ts';
import { bootstrapPolicy } from './auth/bootstrap-policy.ts';
import { MASTERS } from './auth/identity.ts';
import { servedAs } from './catalogue.ts';
import type { RestCluster } from './rest/rest-cluster.ts';
import { createObject } from './rest/write/create.ts';

/** Creates the namespaces `default`, `kube-system` and the given one, and the default RBAC policy. */
export function bootstrap(cluster: RestCluster, namespace: string): void {
  const create = (resource: Resource, object: KubeObject): void => {
    const identity = { user: 'system:apiserver', groups: [MASTERS] };
    createObject(cluster, servedAs(resource), object, {
      dryRun: false,
      manager: 'kube-apiserver',
      force: false,
      identity,
    });
  };
  for (const name of new Set(['default', 'kube-system', namespace])) {
    create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  }
  const { clusterRoles, clusterRoleBindings } = bootstrapPolicy();
  for (const role of clusterRoles) create(CLUSTER_ROLES, role);
  for (const binding of clusterRoleBindings) create(CLUSTER_ROLE_BINDINGS, binding);
}
