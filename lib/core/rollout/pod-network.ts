/** Whether the load balancer can bind these pods by their own address (TKE: direct access needs VPC-CNI, super nodes, or GlobalRouter with a switch). */
import { type Finding, ok, warn } from '../check/findings.ts';
import { field } from '../values/read.ts';
import type { RolloutFacts } from './rollout-facts.ts';
import { workloadText } from './workload.ts';

const NETWORKS = 'tke.cloud.tencent.com/networks';
const POD_TYPE = 'tke.cloud.tencent.com/pod-type';
/** Of every super node's name (TKE: super nodes). */
const SUPER_NODE = /^eklet-/;

export function podNetworkFinding({ workload, nodes, bound }: RolloutFacts): Finding {
  const { templateAnnotations, template } = workload;
  if (field(template, 'spec', 'hostNetwork') === true) {
    const message = `the pods of ${workloadText(workload)} use the node's network: TKE does not bind such pods directly`;
    return warn('rolling update', 'pod-network', message);
  }
  if (bound) return ok('rolling update', 'pod-network', 'the load balancer binds the pods by their own address');
  const networks = templateAnnotations[NETWORKS];
  if (networks !== undefined)
    return ok(
      'rolling update',
      'pod-network',
      `the pods have an address in the VPC (annotation ${NETWORKS}: ${networks})`,
    );
  const onSuper = nodes.filter((node) => SUPER_NODE.test(node)).length;
  if (templateAnnotations[POD_TYPE] === 'eklet' || (nodes.length > 0 && onSuper === nodes.length))
    return ok('rolling update', 'pod-network', 'the pods run on super nodes, with an address in the VPC');
  const where =
    onSuper > 0 ? `only ${onSuper} of ${nodes.length} pods run on super nodes` : 'no pod runs on a super node';
  return warn(
    'rolling update',
    'pod-network',
    `the template of ${workloadText(workload)} has no annotation ${NETWORKS}, and ${where}: unless the whole cluster is VPC-CNI or the switch GlobalRouteDirectAccess is on, the load balancer binds nodes, whose kube-proxy goes on sending to a pod that ends until it has noticed`,
  );
}
