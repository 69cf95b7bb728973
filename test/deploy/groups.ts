/** The API groups of the resources that flows ask for, by plural. */
import { INGRESSES, POD_DISRUPTION_BUDGETS } from '../../lib/ports/resources.ts';

const GROUPS: Readonly<Record<string, string>> = {
  statefulsets: 'apps',
  deployments: 'apps',
  controllerrevisions: 'apps',
  poddisruptionbudgets: POD_DISRUPTION_BUDGETS.group,
  horizontalpodautoscalers: 'autoscaling',
  horizontalpodcronscalers: 'autoscaling.cloud.tencent.com',
  ingresses: INGRESSES.group,
  leases: 'coordination.k8s.io',
};

/** '' is the core group. */
export const groupOf = (resource: string): string => GROUPS[resource] ?? '';
