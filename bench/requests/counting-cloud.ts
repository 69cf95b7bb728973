/** The cloud's API over the rehearsal's load balancer, in memory: it answers as the cloud does, and counts every call. */
import type { AnswerObject } from '../../lib/clb/calls/cloud-answer.ts';
import type { Cloud } from '../../lib/clb/cloud.ts';
import type { BalancerState, Clock, ListenerState, LoadBalancer } from '../../lib/ports.ts';

export interface CountingCloud extends Cloud {
  /** Calls by action since the last reset. */
  readonly calls: Map<string, number>;
}

const REGION = 'ap-guangzhou';
const VPC = 'vpc-rehearsal';
const PERIOD_SECONDS = 60;

/**
 * `ids`: the load balancers that there are. Backends with weight have five connections, those at weight 0 none. `version`: another
 * one whenever the load balancer may show something else; undefined: it is read at every call.
 */
export function countingCloud(
  balancer: LoadBalancer,
  ids: readonly string[],
  clock: Clock,
  version?: () => string,
): CountingCloud {
  const calls = new Map<string, number>();
  const shown = new Map<string, { at: string; state: Promise<BalancerState> }>();
  const state = (id: unknown): Promise<BalancerState> => {
    const name = String(id);
    if (version === undefined) return balancer.observe({ id: name });
    const at = version();
    const known = shown.get(name);
    if (known?.at === at) return known.state;
    const state = balancer.observe({ id: name });
    shown.set(name, { at, state });
    return state;
  };
  const answers = new WeakMap<Promise<BalancerState>, Map<string, Promise<AnswerObject>>>();
  /** The same answer, which no reader can change, for as long as the load balancer shows the same. */
  const answered = (action: string, shows: Promise<BalancerState>, of: (state: BalancerState) => AnswerObject) => {
    const known = answers.get(shows) ?? new Map<string, Promise<AnswerObject>>();
    answers.set(shows, known);
    const answer = known.get(action) ?? shows.then((state) => Object.freeze(of(state)));
    known.set(action, answer);
    return answer;
  };
  let kept = { atMs: Number.NaN, weights: new Map<string, number>() };
  /** By listener port and address; read once per moment of the clock, for many calls ask at the same one. */
  const weightsNow = async (): Promise<ReadonlyMap<string, number>> => {
    if (kept.atMs === clock.now()) return kept.weights;
    const listeners = (await Promise.all(ids.map(state))).flatMap((each) => each.listeners);
    const weights = new Map(
      listeners.flatMap(({ port, backends }) =>
        backends.map(({ address, weight }): [string, number] => [`${port} ${address}`, weight]),
      ),
    );
    kept = { atMs: clock.now(), weights };
    return weights;
  };
  const actions: Record<string, (params: Record<string, unknown>) => Promise<AnswerObject>> = {
    DescribeLoadBalancers: async ({ LoadBalancerIds }) => ({
      TotalCount: 1,
      LoadBalancerSet: (LoadBalancerIds as string[]).map((id) => ({
        LoadBalancerId: id,
        LoadBalancerName: id,
        LoadBalancerType: 'OPEN',
        LoadBalancerVips: ['203.0.113.10'],
        Status: 1,
        VpcId: VPC,
        NumericalVpcId: 5436123,
      })),
    }),
    DescribeListeners: async ({ LoadBalancerId }) => {
      const { listeners } = await state(LoadBalancerId);
      return { TotalCount: listeners.length, Listeners: listeners.map(settingsOf) };
    },
    DescribeTargets: ({ LoadBalancerId }) => answered('DescribeTargets', state(LoadBalancerId), targetsOf),
    DescribeTargetHealth: ({ LoadBalancerIds }) => {
      const [id, ...others] = LoadBalancerIds as string[];
      if (others.length > 0) throw new Error('the counting cloud answers for the health of one load balancer a call');
      return answered('DescribeTargetHealth', state(id), healthOf);
    },
    DescribeLBListeners: async ({ Backends }) => {
      const wanted = new Set((Backends as { PrivateIp: string }[]).map(({ PrivateIp }) => PrivateIp));
      const states = await Promise.all(ids.map(state));
      return {
        LoadBalancers: states.map(({ id, listeners }) => ({
          LoadBalancerId: id,
          Listeners: listeners.map((listener) => ({
            ...settingsOf(listener),
            Targets: listener.backends
              .filter(({ address }) => wanted.has(address))
              .map(({ address, port, weight }) => ({ PrivateIp: address, Port: port, Weight: weight })),
          })),
        })),
      };
    },
    DescribeBaseMetrics: async ({ MetricName }) => ({
      MetricSet: [
        {
          MetricName,
          Period: [PERIOD_SECONDS],
          Dimensions: [{ Dimensions: ['vip', 'loadBalancerPort', 'protocol', 'vpcId', 'lanIp', 'port'] }],
        },
      ],
    }),
    GetMonitorData: async ({ Instances, StartTime, EndTime, Period, MetricName }) => {
      const weights = await weightsNow();
      const times = slots(String(StartTime), String(EndTime), clock.now());
      return {
        Period,
        MetricName,
        DataPoints: (Instances as { Dimensions: { Name: string; Value: string }[] }[]).map(({ Dimensions }) => {
          const value = (name: string) => Dimensions.find(({ Name }) => Name === name)?.Value ?? '';
          const weight = weights.get(`${value('loadBalancerPort')} ${value('lanIp')}`) ?? 0;
          return { Dimensions, Timestamps: times, Values: times.map(() => (weight > 0 ? 5 : 0)) };
        }),
      };
    },
  };
  return {
    calls,
    regions: { flag: REGION },
    credentials: async () => 'rehearsal',
    call: async (_service, action, params) => {
      calls.set(action, (calls.get(action) ?? 0) + 1);
      const answer = actions[action];
      if (answer === undefined) throw new Error(`the counting cloud has no ${action}`);
      return await answer(params as unknown as Record<string, unknown>);
    },
  };
}

const targetsOf = ({ listeners }: BalancerState): AnswerObject => ({
  Listeners: listeners.map((listener) => ({
    ...settingsOf(listener),
    Targets: listener.backends.map(({ address, port, weight }) => ({
      Type: 'ENI',
      PrivateIpAddresses: [address],
      Port: port,
      Weight: weight,
    })),
  })),
});

const healthOf = ({ id, listeners }: BalancerState): AnswerObject => ({
  LoadBalancers: [
    {
      LoadBalancerId: id,
      Listeners: listeners.map((listener) => ({
        ListenerId: listener.id,
        Protocol: listener.protocol,
        Port: listener.port,
        Rules: [
          {
            Targets: listener.backends.map(({ address, port }) => ({
              IP: address,
              Port: port,
              HealthStatus: true,
              HealthStatusDetail: 'Alive',
            })),
          },
        ],
      })),
    },
  ],
});

const settingsOf = ({ id, protocol, port }: ListenerState) => ({
  ListenerId: id,
  Protocol: protocol,
  Port: port,
  Scheduler: 'WRR',
  SessionExpireTime: 0,
  TargetType: 'NODE',
  AttrFlags: [],
  DeregisterTargetRst: false,
  Rules: null,
});

/** Whole minutes of the asked span that have passed. */
function slots(start: string, end: string, nowMs: number): number[] {
  const from = Math.ceil(Date.parse(start) / 1000 / PERIOD_SECONDS);
  const to = Math.floor(Math.min(Date.parse(end), nowMs) / 1000 / PERIOD_SECONDS);
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => (from + index) * PERIOD_SECONDS);
}
