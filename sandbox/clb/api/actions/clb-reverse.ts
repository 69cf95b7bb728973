import type { BalancerTarget } from '../../balancers/balancer-target.ts';
import type { Clb } from '../../balancers/balancers.ts';
import type { Balancer } from '../../balancers/cloud-balancer.ts';
import { CloudFault } from '../../balancers/fault.ts';
import type { Listener } from '../../balancers/listener.ts';
import { type ApiAnswer, type ApiCall, limitLength } from '../call.ts';
import { isLayer7, targetsOf } from './shapes.ts';

/** DescribeLBListeners: every binding of the given pod addresses, on any balancer of the region. */
export function describeLbListeners(clb: Clb, call: ApiCall): ApiAnswer {
  const wanted = call.params.objects('Backends') ?? [];
  limitLength('Backends', wanted, 20);
  const asked = new Set(wanted.map((backend) => `${backend.text('VpcId')}|${backend.text('PrivateIp')}`));
  const LoadBalancers = clb.balancers
    .filter(({ region }) => region === call.region)
    .map((balancer) => {
      const isAsked = (target: BalancerTarget): boolean => asked.has(`${balancer.vpcId}|${target.address}`);
      const listeners = [...balancer.listeners.values()].filter((listener) => listener.targets.some(isAsked));
      return {
        LoadBalancerId: balancer.id,
        Vip: balancer.vip,
        Region: balancer.region,
        Listeners: listeners.map((listener) => bindings(balancer, listener, isAsked)),
      };
    })
    .filter(({ Listeners }) => Listeners.length > 0);
  return { LoadBalancers };
}

function bindings(balancer: Balancer, listener: Listener, isAsked: (target: BalancerTarget) => boolean): ApiAnswer {
  const shapes = (targets: readonly BalancerTarget[]): unknown[] =>
    targets.filter(isAsked).map((target) => ({
      Type: target.type,
      PrivateIp: target.address,
      Port: target.port,
      VpcId: balancer.numericVpcId,
      Weight: target.weight,
    }));
  const rules = listener.rules.map((rule) => ({
    LocationId: rule.id,
    Domain: rule.domain,
    Url: rule.url,
    Targets: shapes(targetsOf(listener, rule.id)),
  }));
  return {
    ListenerId: listener.id,
    Protocol: listener.protocol,
    Port: listener.port,
    EndPort: listener.endPort,
    Rules: isLayer7(listener) ? rules.filter(({ Targets }) => Targets.length > 0) : null,
    Targets: isLayer7(listener) ? null : shapes(listener.targets),
  };
}

/** ModifyTargetWeight; answers the id of the task. Backends are named by EniIp or InstanceId, and Port. */
export function modifyTargetWeight(clb: Clb, balancer: Balancer, call: ApiCall): string {
  const listenerId = call.params.text('ListenerId') ?? '';
  const ruleId = call.params.text('LocationId');
  const listener = balancer.listeners.get(listenerId);
  if (listener === undefined) {
    throw new CloudFault('InvalidParameter.ListenerIdNotFound', `The listener ${listenerId} is not on ${balancer.id}.`);
  }
  if (isLayer7(listener) && !listener.rules.some(({ id }) => id === ruleId)) {
    throw new CloudFault('InvalidParameter.LocationNotFound', `The rule ${ruleId ?? ''} is not on ${listenerId}.`);
  }
  const common = call.params.integer('Weight') ?? 10;
  const changes = (call.params.objects('Targets') ?? []).map((item) => {
    const port = item.integer('Port');
    const weight = item.integer('Weight') ?? common;
    const named = targetsOf(listener, ruleId).find(
      (target) =>
        target.port === port &&
        (target.address === item.text('EniIp') || target.instanceId === item.text('InstanceId')),
    );
    if (named === undefined) throw new CloudFault('InvalidParameter', 'A target is not bound on the listener.');
    if (weight < 0 || weight > 100)
      throw new CloudFault('InvalidParameterValue.Range', `The weight ${weight} is not in 0-100.`);
    return { listenerId, ruleId, address: named.address, port: named.port, weight };
  });
  return clb.modifyWeights(balancer.id, changes).id;
}
