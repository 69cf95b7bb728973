import { CloudError } from '../../core/errors.ts';
import type { BalancerState } from '../../ports.ts';
import {
  type AnswerObject,
  isObject,
  malformed,
  optionalNumber,
  optionalObjects,
  optionalText,
  optionalTexts,
  requiredNumber,
  requiredObjects,
} from '../calls/cloud-answer.ts';
import { canonicalAddress } from './address.ts';

/** The identity of a load balancer, without its present state. */
export type BalancerIdentity = Omit<BalancerState, 'listeners' | 'observedAtMs'>;

export interface AskedBalancer {
  id: string;
  region: string;
  /** Where the region came from, for the error when the balancer is not there. */
  regionFrom: string;
}

/** DescribeLoadBalancers (CLB API 2018-03-17) for one id. Throws CloudError when the region does not have exactly that one. */
export function parseBalancer(answer: AnswerObject, asked: AskedBalancer): BalancerIdentity {
  const set = requiredObjects(answer, 'LoadBalancerSet', 'DescribeLoadBalancers').filter(
    (each) => each['LoadBalancerId'] === asked.id,
  );
  const [balancer, ...more] = set;
  if (balancer === undefined) throw notThere(asked, optionalText(answer, 'RequestId'));
  if (more.length > 0) throw malformed(`DescribeLoadBalancers shows ${asked.id} ${set.length} times`);
  const domain = optionalText(balancer, 'LoadBalancerDomain') ?? optionalText(balancer, 'Domain');
  return {
    id: asked.id,
    name: optionalText(balancer, 'LoadBalancerName') ?? asked.id,
    vips: vipsOf(balancer),
    ...(domain === undefined ? {} : { domain }),
    network: networkOf(balancer, asked.id),
    numericVpcId: numericVpcId(balancer),
    region: asked.region,
    // Isolated: switched off for an unpaid bill, though still "running".
    running:
      requiredNumber(balancer, 'Status', `load balancer ${asked.id}`) === 1 &&
      (optionalNumber(balancer, 'Isolation') ?? 0) === 0,
  };
}

/** The text id of the backends' VPC (`vpc-…`), as DescribeLBListeners wants it; undefined when the cloud does not say. */
export function vpcIdOf(answer: AnswerObject, asked: AskedBalancer): string | undefined {
  const balancer =
    optionalObjects(answer, 'LoadBalancerSet')?.find((each) => each['LoadBalancerId'] === asked.id) ?? {};
  const target = balancer['TargetRegionInfo'];
  return (isObject(target) ? optionalText(target, 'VpcId') : undefined) ?? optionalText(balancer, 'VpcId');
}

/** The load balancer is not where it was looked for: most often the region is wrong. */
export function notThere(asked: AskedBalancer, requestId: string | undefined): CloudError {
  return new CloudError(
    'LoadBalancerNotFound',
    `there is no load balancer ${asked.id} in region ${asked.region} (the region comes from ${asked.regionFrom}), or these credentials may not see it`,
    { requestId, hint: `name its region with --region; are the credentials those of the cluster's account?` },
  );
}

/** IPv4 addresses, and the IPv6 address that dual-stack and IPv6 balancers carry in a field of its own. */
function vipsOf(balancer: AnswerObject): readonly string[] {
  const vips = optionalTexts(balancer, 'LoadBalancerVips') ?? [];
  const v6 = optionalText(balancer, 'AddressIPv6');
  return [...new Set([...vips, ...(v6 === undefined ? [] : [v6])].map(canonicalAddress))];
}

function networkOf(balancer: AnswerObject, id: string): 'public' | 'private' {
  const type = balancer['LoadBalancerType'];
  if (type === 'OPEN') return 'public';
  if (type === 'INTERNAL') return 'private';
  throw malformed(`load balancer ${id} has LoadBalancerType ${JSON.stringify(type)}`);
}

/** Of the backends' VPC, which another region's may be (cross-region binding); empty when the cloud does not say. */
function numericVpcId(balancer: AnswerObject): string {
  const target = balancer['TargetRegionInfo'];
  const remote = isObject(target) ? optionalNumber(target, 'NumericalVpcId') : undefined;
  const id = remote || optionalNumber(balancer, 'NumericalVpcId');
  return id ? String(id) : '';
}
