/** The Kubernetes resources this project speaks of, one constant each. */
import type { Resource } from '../ports.ts';

const resource = (group: string, version: string, plural: string, kind: string, namespaced = true): Resource => ({
  group,
  version,
  plural,
  kind,
  namespaced,
});

export const PODS = resource('', 'v1', 'pods', 'Pod');
export const SERVICES = resource('', 'v1', 'services', 'Service');
export const NODES = resource('', 'v1', 'nodes', 'Node', false);
export const NAMESPACES = resource('', 'v1', 'namespaces', 'Namespace', false);
export const EVENTS = resource('', 'v1', 'events', 'Event');
export const ENDPOINTS = resource('', 'v1', 'endpoints', 'Endpoints');
export const CONFIG_MAPS = resource('', 'v1', 'configmaps', 'ConfigMap');
export const PERSISTENT_VOLUMES = resource('', 'v1', 'persistentvolumes', 'PersistentVolume', false);
export const PERSISTENT_VOLUME_CLAIMS = resource('', 'v1', 'persistentvolumeclaims', 'PersistentVolumeClaim');
export const STATEFUL_SETS = resource('apps', 'v1', 'statefulsets', 'StatefulSet');
export const CONTROLLER_REVISIONS = resource('apps', 'v1', 'controllerrevisions', 'ControllerRevision');
export const REPLICA_SETS = resource('apps', 'v1', 'replicasets', 'ReplicaSet');
export const DEPLOYMENTS = resource('apps', 'v1', 'deployments', 'Deployment');
export const ENDPOINT_SLICES = resource('discovery.k8s.io', 'v1', 'endpointslices', 'EndpointSlice');
export const POD_DISRUPTION_BUDGETS = resource('policy', 'v1', 'poddisruptionbudgets', 'PodDisruptionBudget');
export const HORIZONTAL_POD_AUTOSCALERS = resource(
  'autoscaling',
  'v2',
  'horizontalpodautoscalers',
  'HorizontalPodAutoscaler',
);
/** TKE's scaler by the clock, an add-on (TKE: HPC). */
export const HORIZONTAL_POD_CRONSCALERS = resource(
  'autoscaling.cloud.tencent.com',
  'v1',
  'horizontalpodcronscalers',
  'HorizontalPodCronscaler',
);
export const INGRESSES = resource('networking.k8s.io', 'v1', 'ingresses', 'Ingress');
export const LEASES = resource('coordination.k8s.io', 'v1', 'leases', 'Lease');
export const SELF_SUBJECT_ACCESS_REVIEWS = resource(
  'authorization.k8s.io',
  'v1',
  'selfsubjectaccessreviews',
  'SelfSubjectAccessReview',
  false,
);
export const ROLES = resource('rbac.authorization.k8s.io', 'v1', 'roles', 'Role');
export const ROLE_BINDINGS = resource('rbac.authorization.k8s.io', 'v1', 'rolebindings', 'RoleBinding');
export const CLUSTER_ROLES = resource('rbac.authorization.k8s.io', 'v1', 'clusterroles', 'ClusterRole', false);
export const CLUSTER_ROLE_BINDINGS = resource(
  'rbac.authorization.k8s.io',
  'v1',
  'clusterrolebindings',
  'ClusterRoleBinding',
  false,
);
