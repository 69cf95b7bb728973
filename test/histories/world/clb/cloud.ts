/** The cloud's API of a history, asked in memory: the sandbox's own shapes over this world's load balancers. */
import { type AnswerObject, isObject } from '../../../../lib/clb/calls/cloud-answer.ts';
import { WireError } from '../../../../lib/clb/calls/cloud-failure.ts';
import type { WireRequest } from '../../../../lib/clb/calls/cloud-wire.ts';
import {
  backendShape,
  balancerShape,
  cloudTime,
  targetHealthShape,
} from '../../../../sandbox/clb/api/actions/shapes.ts';
import type { Balancer } from '../../../../sandbox/clb/balancers/cloud-balancer.ts';
import type { SimClock } from '../sim-clock.ts';
import type { Listener } from './backend.ts';
import type { Balancers } from './balancer.ts';
import { headOf, settingsOf, targetOf, targetsIn } from './shapes.ts';

export const REGION = 'ap-guangzhou';
const VPC = { vpcId: 'vpc-histories', numericVpcId: 5436123 };

export interface MonitorTrouble {
  /** Points of the newest periods come so much later. */
  lateMs: number;
  /** Every so-many-th point is not there; 0: all are. */
  missingEvery: number;
  repeats: boolean;
  /** So many of the next questions for points are refused. */
  throttled: number;
}

interface Parts {
  balancers: Balancers;
  clock: SimClock;
  periodSeconds: number;
  /** Of persisted sessions; 0: there are none. */
  sessionSeconds: number;
}

export function createCloudApi({ balancers, clock, periodSeconds, sessionSeconds }: Parts) {
  const trouble: MonitorTrouble = { lateMs: 0, missingEvery: 0, repeats: false, throttled: 0 };
  let serial = 0;

  const vipOf = (id: string): string => `203.0.113.${10 + [...balancerIds()].indexOf(id)}`;
  const balancerIds = (): Set<string> => new Set(balancers.listeners.map(({ balancerId }) => balancerId));

  const balancer = (id: string) =>
    balancerShape({
      ...{ id, name: id, network: 'public', vip: vipOf(id), running: true, createdAtMs: clock.startMs, region: REGION },
      ...VPC,
      ...{ attributeFlags: [], tags: {}, listeners: new Map(), domain: undefined },
    } as unknown as Balancer);

  const of = (id: unknown): Listener[] => {
    const found = balancers.listeners.filter(({ balancerId }) => balancerId === id);
    if (found.length === 0)
      throw refusal('InvalidParameter.LBIdNotFound', `The load balancer ${String(id)} is not found.`);
    return found;
  };

  const actions: Record<string, (params: AnswerObject) => AnswerObject> = {
    DescribeLoadBalancers: ({ LoadBalancerIds: ids }) => {
      const found = (ids as string[]).filter((id) => balancerIds().has(id));
      return { TotalCount: found.length, LoadBalancerSet: found.map(balancer) };
    },
    DescribeListeners: ({ LoadBalancerId: id }) => {
      const found = of(id).map((listener) => settingsOf(listener, sessionSeconds));
      return { TotalCount: found.length, Listeners: found };
    },
    DescribeTargets: ({ LoadBalancerId: id }) => ({
      Listeners: of(id).map((listener) => ({
        ...headOf(listener),
        ...targetsIn(listener, (each) => backendShape(targetOf(each, balancers.healthOf(each)))),
      })),
    }),
    DescribeTargetHealth: ({ LoadBalancerIds: ids }) => ({
      LoadBalancers: (ids as string[]).map((id) => ({
        LoadBalancerId: id,
        LoadBalancerName: id,
        Listeners: of(id).map((listener) => ({
          ...headOf(listener),
          Rules: (listener.rules.length === 0 ? [''] : listener.rules).map((rule) => ({
            LocationId: rule,
            Targets: [...listener.backends.values()]
              .filter((each) => each.rule === rule)
              .map((each) => targetHealthShape(targetOf(each, balancers.healthOf(each)))),
          })),
        })),
      })),
    }),
    DescribeLBListeners: ({ Backends }) => {
      const asked = new Set((Backends as { PrivateIp: string }[]).map(({ PrivateIp }) => PrivateIp));
      return {
        LoadBalancers: [...balancerIds()]
          .map((id) => ({
            LoadBalancerId: id,
            Region: REGION,
            Listeners: of(id)
              .map((listener) => ({
                ...headOf(listener),
                ...targetsIn(
                  listener,
                  ({ address, port, weight }) => ({ PrivateIp: address, Port: port, Weight: weight, Type: 'ENI' }),
                  ({ address }) => asked.has(address),
                ),
              }))
              .filter(
                ({ Targets, Rules }) =>
                  [...(Targets ?? []), ...(Rules ?? []).flatMap((rule) => rule.Targets)].length > 0,
              ),
          }))
          .filter(({ Listeners }) => Listeners.length > 0),
      };
    },
    DescribeBaseMetrics: ({ Namespace, MetricName }) => ({
      MetricSet: [
        {
          Namespace,
          MetricName,
          Period: [periodSeconds, 300],
          Dimensions: [{ Dimensions: ['vip', 'loadBalancerPort', 'protocol', 'vpcId', 'lanIp', 'port'] }],
        },
      ],
    }),
    GetMonitorData: (params) => monitorData(params),
  };

  function monitorData({ Instances, MetricName, Period, StartTime, EndTime }: AnswerObject): AnswerObject {
    const [startMs, endMs] = [Date.parse(String(StartTime)), Date.parse(String(EndTime))];
    const DataPoints = (Instances as { Dimensions: { Name: string; Value: string }[] }[]).map(({ Dimensions }) => {
      const named = new Map(Dimensions.map(({ Name, Value }) => [Name, Value]));
      const series = [...balancers.metered.values()].find(
        ({ listener, backend }) =>
          vipOf(listener.balancerId) === named.get('vip') &&
          String(listener.port) === named.get('loadBalancerPort') &&
          listener.protocol === named.get('protocol') &&
          backend.address === named.get('lanIp') &&
          String(backend.port) === named.get('port'),
      );
      const nowMs = clock.now();
      const settledMs = nowMs - (periodSeconds < 10 ? 800 * periodSeconds : 45_000) - trouble.lateMs;
      const points = (series?.backend.meter.points(nowMs, settledMs) ?? []).filter(
        ([second]) =>
          second * 1000 >= startMs &&
          second * 1000 <= endMs &&
          (trouble.missingEvery === 0 || (second / periodSeconds) % trouble.missingEvery !== 0),
      );
      const shown = trouble.repeats ? points.flatMap((point) => [point, point]) : points;
      return { Dimensions, Timestamps: shown.map(([second]) => second), Values: shown.map(([, most]) => most) };
    });
    return { Period, MetricName, StartTime: cloudTime(startMs), EndTime: cloudTime(endMs), DataPoints };
  }

  /** One request, once. Throws WireError. */
  async function send({ action, params }: WireRequest): Promise<AnswerObject> {
    serial += 1;
    const run = actions[action];
    if (action === 'GetMonitorData' && trouble.throttled > 0) {
      trouble.throttled -= 1;
      throw refusal('RequestLimitExceeded', 'Your current request times equals to 21 in a second.');
    }
    if (run === undefined) throw refusal('InvalidAction', `The action ${action} is not known.`);
    const answer: unknown = JSON.parse(JSON.stringify(run(params as AnswerObject)));
    return { ...(isObject(answer) ? answer : {}), RequestId: `request-${serial}` };
  }

  return { send, trouble };
}

export type CloudApi = ReturnType<typeof createCloudApi>;

export const refusal = (code: string, message: string): WireError =>
  new WireError({ kind: 'api', code, message, requestId: 'request' }, undefined);
