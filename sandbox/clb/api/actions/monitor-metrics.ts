/** The metrics of the load balancer that Cloud Monitor knows, and how samples become points (Cloud Monitor, CLB metrics). */
import type { Sample } from '../../meters/meter.ts';

export type Namespace = 'QCE/LB_PUBLIC' | 'QCE/LB_PRIVATE';

export interface Metric {
  name: string;
  unit: string;
  meaning: string;
  /** Whether it is also announced at the finer period of packets (10 s in the cloud, public CLBs only). */
  fine: boolean;
  /** One point of `periodSeconds` from its samples of `sampleSeconds` each. */
  point(samples: readonly Sample[], periodSeconds: number, sampleSeconds: number): number;
}

const most = (values: readonly number[]): number => values.reduce((max, value) => Math.max(max, value), 0);
const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
const MEGABIT = 1_000_000;

const packets = (name: string, meaning: string, read: (sample: Sample) => number): Metric => ({
  name,
  unit: 'count/s',
  meaning,
  fine: true,
  point: (samples, _period, sampleSeconds) => most(samples.map((sample) => read(sample) / sampleSeconds)),
});
const traffic = (name: string, meaning: string, read: (sample: Sample) => number): Metric => ({
  name,
  unit: 'Mbps',
  meaning,
  fine: true,
  point: (samples, _period, sampleSeconds) =>
    most(samples.map((sample) => (read(sample) * 8) / MEGABIT / sampleSeconds)),
});

/** ConNum of a period is the maximum of its samples, each the most connections open at any moment: see Meter. */
export const METRICS: readonly Metric[] = [
  {
    name: 'ConNum',
    unit: 'count',
    meaning: 'connections from the load balancer to the backend',
    fine: false,
    point: (samples) => most(samples.map(({ conNum }) => conNum)),
  },
  {
    name: 'NewConn',
    unit: 'count/min',
    meaning: 'new connections from the load balancer to the backend',
    fine: false,
    // Below a minute the count of the period itself, so that no connection is turned into sixty.
    point: (samples, periodSeconds) => total(samples.map(({ newConn }) => newConn)) / Math.max(1, periodSeconds / 60),
  },
  packets('InPkg', 'packets to the backend', ({ inPkg }) => inPkg),
  packets('OutPkg', 'packets from the backend', ({ outPkg }) => outPkg),
  traffic('InTraffic', 'bandwidth to the backend', ({ inBytes }) => inBytes),
  traffic('OutTraffic', 'bandwidth from the backend', ({ outBytes }) => outBytes),
];

/** Periods that DescribeBaseMetrics announces for a metric, seconds, finest first. */
export function periodsOf(
  metric: Metric,
  namespace: Namespace,
  monitorSeconds: number,
  sampleSeconds: number,
): number[] {
  const coarse = namespace === 'QCE/LB_PUBLIC' ? [60, 300, 3600] : [60, 300];
  const finest = metric.fine && namespace === 'QCE/LB_PUBLIC' ? sampleSeconds : monitorSeconds;
  return [...new Set([finest, monitorSeconds, ...coarse.filter((period) => period > monitorSeconds)])];
}

const LISTENER = ['vip', 'loadBalancerPort', 'protocol'];
const BACKEND = [...LISTENER, 'vpcId', 'lanIp'];

/** The dimension sets of a namespace; a request must name exactly one of them. */
export function dimensionSets(namespace: Namespace): string[][] {
  const outer =
    namespace === 'QCE/LB_PUBLIC'
      ? [['vip'], LISTENER]
      : [
          ['vip', 'vpcId'],
          [...LISTENER, 'vpcId'],
        ];
  return [...outer, BACKEND, [...BACKEND, 'port']];
}
