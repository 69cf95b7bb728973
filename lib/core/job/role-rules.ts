/**
 * The rules of the Role of one upgrade: of deploy/rbac.yaml those that its flags need, for the objects that it may touch.
 * RBAC cannot name objects for list and create (Kubernetes: Using RBAC Authorization, Referring to resources).
 */

import { REQUIRED_ACCESS, type RequiredAccess } from '../safety/required-access.ts';

/** The objects that the upgrade may touch, and by which of its ways. */
export interface UpgradeReach {
  statefulSet: string;
  /** Every pod that it may delete or count in, surplus pods included. */
  pods: readonly string[];
  services: readonly string[];
  /** Pods claim volumes. */
  claims: boolean;
  /** Connections are counted in the pod. */
  exec: boolean;
  /** Connections are counted by a metric of the pod: on these ports, or undefined where they are not known as numbers. */
  metrics?: { ports: readonly number[] | undefined };
  debugContainers: boolean;
  evict: boolean;
  /** Nodes are to be emptied: their names, and those of the volumes that the pods claim. */
  leaving?: { nodes: readonly string[]; volumes: readonly string[] };
}

/** As rbac.authorization.k8s.io/v1 has it. */
export interface PolicyRule {
  apiGroups: string[];
  resources: string[];
  verbs: string[];
  resourceNames?: string[];
}

/** Names that a permission is narrowed to; `all`: the server cannot narrow it, or there is nothing to; undefined: not needed. */
type Narrowing = readonly string[] | 'all' | undefined;

const ofLease = ({ statefulSet }: UpgradeReach): string[] => [`kubectl-zeroloss-${statefulSet}`];

/** By `GROUP/RESOURCE[/SUBRESOURCE] VERB`. A permission that is not listed here is not granted. */
const NARROWED: Readonly<Record<string, (reach: UpgradeReach) => Narrowing>> = {
  'apps/statefulsets get': ({ statefulSet }) => [statefulSet],
  'apps/statefulsets patch': ({ statefulSet }) => [statefulSet],
  '/pods get': ({ pods }) => pods,
  '/pods list': () => 'all',
  '/pods delete': ({ evict, pods }) => (evict ? undefined : pods),
  '/pods/eviction create': ({ evict, pods }) => (evict ? pods : undefined),
  '/pods/exec get': ({ exec, pods }) => (exec ? pods : undefined),
  '/pods/exec create': ({ exec, pods }) => (exec ? pods : undefined),
  '/pods/ephemeralcontainers patch': ({ debugContainers, pods }) => (debugContainers ? pods : undefined),
  '/pods/proxy get': ({ metrics, pods }) =>
    metrics === undefined
      ? undefined
      : (metrics.ports?.flatMap((port) => pods.map((pod) => `${pod}:${port}`)) ?? 'all'),
  '/services list': () => 'all',
  '/services get': ({ services }) => services,
  '/services patch': ({ services }) => services,
  // An image that a revision has is that revision, and the way back is one.
  'apps/controllerrevisions list': () => 'all',
  'policy/poddisruptionbudgets list': () => 'all',
  'autoscaling/horizontalpodautoscalers list': () => 'all',
  'autoscaling.cloud.tencent.com/horizontalpodcronscalers list': () => 'all',
  'networking.k8s.io/ingresses list': () => 'all',
  '/persistentvolumeclaims list': ({ claims }) => (claims ? 'all' : undefined),
  '/events create': () => 'all',
  'coordination.k8s.io/leases get': ofLease,
  'coordination.k8s.io/leases patch': ofLease,
  'coordination.k8s.io/leases create': () => 'all',
};

const pathOf = ({ group, resource, subresource }: RequiredAccess): string =>
  `${group}/${resource}${subresource === undefined ? '' : `/${subresource}`}`;

/** Never more than deploy/rbac.yaml grants to operate; nothing outside the namespace. Verbs of one resource and the same names are one rule. */
export function upgradeRules(reach: UpgradeReach): PolicyRule[] {
  const rules = new Map<string, PolicyRule>();
  for (const access of REQUIRED_ACCESS.filter(({ where }) => where === undefined)) {
    const path = pathOf(access);
    for (const verb of access.verbs) {
      const names = NARROWED[`${path} ${verb}`]?.(reach);
      if (names === undefined || names.length === 0) continue;
      const key = `${path} ${names === 'all' ? '' : names.join(',')}`;
      const known = rules.get(key);
      if (known !== undefined) known.verbs.push(verb);
      else
        rules.set(key, {
          apiGroups: [access.group],
          resources: [path.slice(access.group.length + 1)],
          verbs: [verb],
          ...(names === 'all' ? {} : { resourceNames: [...names] }),
        });
    }
  }
  return [...rules.values()];
}

/**
 * The rules of its ClusterRole, for nodes and volumes are of no namespace; none unless nodes are to be emptied. A list by
 * name is allowed by that name (Kubernetes: Using RBAC Authorization, Referring to resources: metadata.name as field selector).
 */
export const leavingRules = ({ leaving }: UpgradeReach): PolicyRule[] =>
  leaving === undefined
    ? []
    : [
        { apiGroups: [''], resources: ['nodes'], verbs: ['list'], resourceNames: [...leaving.nodes] },
        ...(leaving.volumes.length === 0
          ? []
          : [
              {
                apiGroups: [''],
                resources: ['persistentvolumes'],
                verbs: ['get'],
                resourceNames: [...leaving.volumes],
              },
            ]),
      ];
