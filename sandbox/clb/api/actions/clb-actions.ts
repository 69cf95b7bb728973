/** Actions of clb 2018-03-17. */

import type { Clb } from '../../balancers/balancers.ts';
import type { Balancer } from '../../balancers/cloud-balancer.ts';
import { CloudFault } from '../../balancers/fault.ts';
import type { Listener } from '../../balancers/listener.ts';
import { type ApiAction, type ApiCall, limitLength } from '../call.ts';
import { describeLbListeners, modifyTargetWeight } from './clb-reverse.ts';
import { describeTargets } from './clb-targets.ts';
import { balancerShape, listenerShape, targetHealthShape, targetsOf } from './shapes.ts';

/** The balancer of the request, found in the request's region only. Throws InvalidParameter.LBIdNotFound, or .FormatError for what is no id. */
export function balancerOf(clb: Clb, call: ApiCall, id: string): Balancer {
  if (!/^lb-[a-z0-9]{8}$/.test(id)) {
    throw new CloudFault('InvalidParameter.FormatError', `\`${id}\` is not a LoadBalancerId.`);
  }
  const balancer = clb.balancer(id);
  if (balancer === undefined || balancer.region !== call.region) {
    throw new CloudFault('InvalidParameter.LBIdNotFound', `The load balancer ${id} is not found in ${call.region}.`);
  }
  return balancer;
}

/** The listeners of one balancer that the request's ListenerIds, Protocol and Port leave. */
export function listenersOf(balancer: Balancer, call: ApiCall, mostIds: number): Listener[] {
  const ids = call.params.texts('ListenerIds');
  limitLength('ListenerIds', ids, mostIds);
  for (const id of ids ?? []) {
    if (!balancer.listeners.has(id)) {
      throw new CloudFault('InvalidParameter.ListenerIdNotFound', `The listener ${id} is not on ${balancer.id}.`);
    }
  }
  const protocol = call.params.text('Protocol');
  const port = call.params.integer('Port');
  return [...balancer.listeners.values()].filter(
    (listener) =>
      (ids === undefined || ids.length === 0 || ids.includes(listener.id)) &&
      (protocol === undefined || listener.protocol === protocol) &&
      (port === undefined || listener.port === port),
  );
}

/** Every action of the CLB that the endpoint knows. */
export function clbActions(clb: Clb): Record<string, ApiAction> {
  return {
    DescribeLoadBalancers: {
      parameters: [
        'LoadBalancerIds',
        'LoadBalancerType',
        'Forward',
        'LoadBalancerName',
        'LoadBalancerVips',
        'BackendPrivateIps',
        'Offset',
        'Limit',
        'VpcId',
        'AdditionalFields',
      ],
      regional: true,
      run: (call) => describeLoadBalancers(clb, call),
    },
    DescribeListeners: {
      parameters: ['LoadBalancerId', 'ListenerIds', 'Protocol', 'Port'],
      required: ['LoadBalancerId'],
      regional: true,
      run: (call) => {
        const balancer = balancerOf(clb, call, call.params.text('LoadBalancerId') ?? '');
        const listeners = listenersOf(balancer, call, 100);
        return { TotalCount: listeners.length, Listeners: listeners.map(listenerShape) };
      },
    },
    DescribeTargets: {
      parameters: ['LoadBalancerId', 'ListenerIds', 'Protocol', 'Port', 'Filters'],
      required: ['LoadBalancerId'],
      regional: true,
      run: (call) => {
        const balancer = balancerOf(clb, call, call.params.text('LoadBalancerId') ?? '');
        return describeTargets(listenersOf(balancer, call, 20), call);
      },
    },
    DescribeTargetHealth: {
      parameters: ['LoadBalancerIds', 'ListenerIds', 'LocationIds'],
      required: ['LoadBalancerIds'],
      regional: true,
      run: (call) => describeTargetHealth(clb, call),
    },
    DescribeLBListeners: {
      parameters: ['Backends'],
      required: ['Backends'],
      regional: true,
      run: (call) => describeLbListeners(clb, call),
    },
    DescribeTaskStatus: {
      parameters: ['TaskId', 'DealName'],
      regional: true,
      run: (call) => {
        const task = clb.taskStatus(call.params.text('TaskId') ?? call.params.text('DealName') ?? '');
        if (task === undefined) throw new CloudFault('InvalidParameter', 'The task is not found.');
        return { Status: task.status, LoadBalancerIds: [task.balancerId], Message: task.message || null };
      },
    },
    ModifyTargetWeight: {
      parameters: ['LoadBalancerId', 'ListenerId', 'LocationId', 'Targets', 'Weight'],
      required: ['LoadBalancerId', 'ListenerId', 'Targets'],
      regional: true,
      run: (call) => {
        const balancer = balancerOf(clb, call, call.params.text('LoadBalancerId') ?? '');
        return { RequestId: modifyTargetWeight(clb, balancer, call) };
      },
    },
  };
}

function describeLoadBalancers(clb: Clb, { params, region }: ApiCall): Record<string, unknown> {
  const ids = params.texts('LoadBalancerIds');
  limitLength('LoadBalancerIds', ids, 20);
  const limit = params.integer('Limit') ?? 20;
  if (limit < 1 || limit > 100) {
    throw new CloudFault('InvalidParameterValue.Length', `\`Limit\` is ${limit}, it must be 1 to 100.`);
  }
  const offset = params.integer('Offset') ?? 0;
  const type = params.text('LoadBalancerType');
  const name = params.text('LoadBalancerName');
  const vips = params.texts('LoadBalancerVips');
  const backends = params.texts('BackendPrivateIps');
  const vpcId = params.text('VpcId');
  const binds = (balancer: Balancer): boolean =>
    [...balancer.listeners.values()].some((listener) =>
      listener.targets.some((target) => backends?.includes(target.address)),
    );
  const found = clb.balancers.filter(
    (balancer) =>
      balancer.region === region &&
      (ids === undefined || ids.length === 0 || ids.includes(balancer.id)) &&
      (type === undefined || (type === 'OPEN') === (balancer.network === 'public')) &&
      (name === undefined || balancer.name.includes(name)) &&
      (vips === undefined || vips.includes(balancer.vip)) &&
      (vpcId === undefined || balancer.vpcId === vpcId) &&
      (backends === undefined || binds(balancer)),
  );
  return { TotalCount: found.length, LoadBalancerSet: found.slice(offset, offset + limit).map(balancerShape) };
}

function describeTargetHealth(clb: Clb, call: ApiCall): Record<string, unknown> {
  const ids = call.params.texts('LoadBalancerIds') ?? [];
  limitLength('LoadBalancerIds', ids, 30);
  const locations = call.params.texts('LocationIds');
  const ruleIdsOf = (listener: Listener): (string | undefined)[] =>
    listener.rules.length === 0 ? [undefined] : listener.rules.map(({ id }) => id);
  const ruleHealth = (listener: Listener, ruleId: string | undefined): Record<string, unknown> => {
    const rule = listener.rules.find(({ id }) => id === ruleId);
    return {
      LocationId: ruleId ?? '',
      Domain: rule?.domain ?? null,
      Url: rule?.url ?? null,
      RuleId: ruleId ?? '',
      Targets: targetsOf(listener, ruleId).map(targetHealthShape),
    };
  };
  const LoadBalancers = ids.map((id) => {
    const balancer = balancerOf(clb, call, id);
    const wanted = call.params.texts('ListenerIds');
    const listeners = [...balancer.listeners.values()].filter((listener) => wanted?.includes(listener.id) ?? true);
    return {
      LoadBalancerId: id,
      LoadBalancerName: balancer.name,
      Listeners: listeners.map((listener) => ({
        ListenerId: listener.id,
        ListenerName: listener.settings.name,
        Protocol: listener.protocol,
        Port: listener.port,
        Rules: ruleIdsOf(listener)
          .filter((ruleId) => locations === undefined || (ruleId !== undefined && locations.includes(ruleId)))
          .map((ruleId) => ruleHealth(listener, ruleId)),
      })),
    };
  });
  return { LoadBalancers };
}
