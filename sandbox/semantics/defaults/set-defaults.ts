import type { KubeObject, ObjectMeta } from '../../../lib/ports.ts';
import { type JsonMap, withoutNulls } from '../json.ts';
import { withEndpointDefaults, withEndpointSliceDefaults, withSecretDefaults } from './default-data.ts';
import { withPodDefaults } from './default-pod.ts';
import { withBindingDefaults, withNamespaceDefaults } from './default-policy.ts';
import { withServiceDefaults } from './default-service.ts';
import {
  withClaimDefaults,
  withDeploymentDefaults,
  withReplicaSetDefaults,
  withStatefulSetDefaults,
} from './default-workload.ts';

const DEFAULTS: Readonly<Record<string, (object: JsonMap, metadata: ObjectMeta) => JsonMap>> = {
  Pod: withPodDefaults,
  StatefulSet: withStatefulSetDefaults,
  Deployment: withDeploymentDefaults,
  ReplicaSet: withReplicaSetDefaults,
  PersistentVolumeClaim: withClaimDefaults,
  Service: withServiceDefaults,
  Namespace: withNamespaceDefaults,
  Secret: withSecretDefaults,
  Endpoints: withEndpointDefaults,
  EndpointSlice: withEndpointSliceDefaults,
  RoleBinding: withBindingDefaults,
  ClusterRoleBinding: withBindingDefaults,
};

/**
 * The object as the API server stores it: unset fields of its spec filled in (Kubernetes: SetDefaults_* of v1 and apps/v1,
 * and the admission plugins that every cluster runs on pods), nulls left out. Decisions that need state stay open:
 * addresses, node ports, UIDs, versions, and the status. The argument is not changed; doing it twice is doing it once.
 * Kinds without defaults come back as they are.
 */
export function withDefaults(kind: string, object: KubeObject): KubeObject {
  const fill = DEFAULTS[kind];
  if (fill === undefined) {
    return object;
  }
  const filled = fill(withoutNulls(object) as JsonMap, object.metadata);
  return filled as KubeObject;
}
