import type { KubeObject } from '../../../lib/ports.ts';
import type { Clb } from '../../clb/balancers/balancers.ts';
import type { Balancer } from '../../clb/balancers/cloud-balancer.ts';
import type { BalancerOptions } from '../../clb/model.ts';
import { Annotation } from '../annotations.ts';
import { SyncError } from '../sync-error.ts';

/** The tag that TKE puts on a balancer that it made for a Service. */
const SERVICE_UID_TAG = 'tke-lb-serviceuuid';

/** Whether the balancer was made for this Service, and is deleted with it. */
export const isCreatedFor = (balancer: Balancer, serviceUid: string): boolean =>
  balancer.tags[SERVICE_UID_TAG] === serviceUid;

/** The balancer that the Service has or names; undefined: one must be made. Throws SyncError when a named one does not exist. */
export function findBalancer(clb: Clb, service: KubeObject): Balancer | undefined {
  const { annotations = {}, uid = '' } = service.metadata;
  const existing = annotations[Annotation.existingBalancer];
  if (existing === undefined) return clb.balancers.find((balancer) => isCreatedFor(balancer, uid));
  const balancer = clb.balancer(existing);
  if (balancer === undefined) throw new SyncError('E4003', `the load balancer ${existing} does not exist`);
  return balancer;
}

/** How a new balancer for the Service is asked for. */
export function balancerOptions(service: KubeObject, region: string): BalancerOptions {
  const { annotations = {}, uid = '', namespace = '', name } = service.metadata;
  return {
    name: `cls-rehearse_${namespace}_${name}`,
    region: annotations[Annotation.crossRegion] ?? region,
    network: annotations[Annotation.internalSubnet] === undefined ? 'public' : 'private',
    tags: { 'tke-createdBy-flag': 'yes', 'tke-clusterId': 'cls-rehearse', [SERVICE_UID_TAG]: uid },
  };
}
