/**
 * Every permission that the verbs use, in the cluster and in the cloud: the one list that `check` asks about,
 * that deploy/rbac.yaml and deploy/cam-policy.json are compared with, and that tests compare every call with.
 */

/** `look` reads only; `operate` has all that look has, and writes. */
export type AccessRole = 'look' | 'operate';

export interface RequiredAccess {
  role: AccessRole;
  /** '' is the core group. */
  group: string;
  resource: string;
  subresource?: string;
  verbs: readonly string[];
  /** Which verbs of this program want it, and what for. */
  usedFor: string;
  /** The price of its absence; absent: the verbs that want it fail. */
  without?: string;
  /** Asked for in this namespace instead of the target's; 'cluster': a cluster-wide resource. */
  where?: 'kube-system' | 'cluster';
  /** Only these objects. */
  names?: readonly string[];
}

export const CONTROLLER_CONFIG = 'tke-service-controller-config';

const access = (
  role: AccessRole,
  path: string,
  verbs: readonly string[],
  usedFor: string,
  more: Pick<RequiredAccess, 'without' | 'where' | 'names'> = {},
): RequiredAccess => {
  const [group = '', resource = '', subresource] = path.split('/');
  return { role, group, resource, ...(subresource === undefined ? {} : { subresource }), verbs, usedFor, ...more };
};

/** In the order in which `check` names them. */
export const REQUIRED_ACCESS: readonly RequiredAccess[] = [
  access('look', 'apps/statefulsets', ['get'], 'every verb'),
  access('look', 'apps/statefulsets', ['list'], 'status and check -l, completion of names', {
    without: 'StatefulSets must be named',
  }),
  access('look', '/pods', ['get', 'list'], 'every verb'),
  access('look', '/services', ['list'], 'every verb'),
  access('look', 'apps/controllerrevisions', ['list'], 'rollback, history, upgrade', {
    without:
      'no rollback, no change-cause in history, and no way back named for a template that was rolled back already',
  }),
  access('look', '/events', ['list'], 'history', { without: 'no history' }),
  access('look', 'policy/poddisruptionbudgets', ['list'], 'the floor', {
    without: 'the floor is half of the replicas, without the minimum of any PodDisruptionBudget',
  }),
  access('look', 'autoscaling/horizontalpodautoscalers', ['list'], 'surge, check', {
    without: 'an autoscaler that owns the replicas is not seen',
  }),
  access('look', 'autoscaling.cloud.tencent.com/horizontalpodcronscalers', ['list'], 'surge, check', {
    without: 'a HorizontalPodCronscaler that sets the replicas at fixed times is not seen',
  }),
  access('look', '/persistentvolumeclaims', ['list'], 'surge, plan, check and --node, where pods claim volumes', {
    without: 'an old volume that a surplus pod would find is not seen, and --node refuses pods with volumes',
  }),
  access('look', 'networking.k8s.io/ingresses', ['list'], 'check', {
    without: 'an Ingress that leads to the pods is not seen',
  }),
  access('look', 'apps/deployments', ['get'], 'check deployment/NAME, the hint that TARGET is a Deployment', {
    without: 'no audit of Deployments, and one hint less',
  }),
  access('look', 'apps/deployments', ['list'], 'completion of check deployment/NAME', {
    without: 'names of Deployments are not completed',
  }),
  access(
    'look',
    'coordination.k8s.io/leases',
    ['get'],
    'status, drain, advance: whether another operator runs a verb',
    {
      without: 'status does not show that another operator runs a verb',
    },
  ),
  access('operate', '/services', ['patch'], 'drain, advance, restore'),
  access('operate', '/services', ['get'], 'a write to a Service whose answer was lost', {
    without: 'such a write is planned once more',
  }),
  access('operate', '/pods', ['delete'], 'recreate'),
  access('operate', '/pods/eviction', ['create'], 'recreate --evict', { without: 'no --evict' }),
  // Before 1.35 an exec over a websocket is a get, from then on a create (Kubernetes 1.35, exec authorization).
  access('operate', '/pods/exec', ['get', 'create'], 'counting in the pod (--source pod)', {
    without: 'connections cannot be counted in the pod',
  }),
  access('operate', '/pods/ephemeralcontainers', ['patch'], '--debug-image', { without: 'no --debug-image' }),
  access('operate', '/pods/proxy', ['get'], 'counting by a metric (--source metrics)', {
    without: 'connections cannot be counted by a metric of the pod',
  }),
  access('operate', 'apps/statefulsets', ['patch'], 'surge, restore, rollback, upgrade', {
    without: 'no surge, rollback or upgrade; drain and recreate work',
  }),
  access('operate', '/events', ['create'], 'the audit trail', { without: 'no audit trail in kubectl describe' }),
  access('operate', 'coordination.k8s.io/leases', ['create', 'patch'], 'one operator at a time', {
    without: 'two operators at once do not notice each other',
  }),
  access('look', '/nodes', ['list'], 'the region of the load balancer, --node', {
    where: 'cluster',
    without: 'the region must be named (--region or TENCENTCLOUD_REGION), and --node refuses',
  }),
  access('look', '/persistentvolumes', ['get'], '--node, where pods claim volumes', {
    where: 'cluster',
    without: '--node refuses pods with volumes',
  }),
  access('look', '/configmaps', ['get'], 'check', {
    where: 'kube-system',
    names: [CONTROLLER_CONFIG],
    without: 'the version and switches of the service-controller are not seen',
  }),
];

/** The permissions for the audit of a Deployment: it never writes, and reads no weight. */
const AUDITED = /^(deployments|pods|services|poddisruptionbudgets|horizontalpod(auto|cron)scalers|configmaps|nodes)$/;
export const AUDIT_ACCESS = REQUIRED_ACCESS.filter(
  ({ resource, subresource, role }) =>
    (role === 'look' && AUDITED.test(resource)) ||
    (subresource !== undefined && ['exec', 'proxy'].includes(subresource)),
);

/** Actions of the cloud's API that the verbs call (deploy/cam-policy.json), and what is lost without the optional ones. */
export const REQUIRED_ACTIONS: readonly { action: string; without?: string }[] = [
  { action: 'clb:DescribeLoadBalancers' },
  { action: 'clb:DescribeListeners' },
  { action: 'clb:DescribeTargets' },
  { action: 'clb:DescribeTargetHealth' },
  { action: 'clb:DescribeLBListeners', without: 'other load balancers that bind the same pods are not seen' },
  { action: 'monitor:DescribeBaseMetrics', without: 'connections cannot be counted by Cloud Monitor' },
  { action: 'monitor:GetMonitorData', without: 'connections cannot be counted by Cloud Monitor' },
];

/** `services`, `pods/exec`, as kubectl writes resources; the group after a dot. */
export const resourceText = ({ group, resource, subresource }: RequiredAccess): string =>
  `${resource}${group === '' ? '' : `.${group}`}${subresource === undefined ? '' : `/${subresource}`}`;
