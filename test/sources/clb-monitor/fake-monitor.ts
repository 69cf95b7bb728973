/** Scripts of Cloud Monitor for the fake endpoint: series by dimension set, empty for every other set, as the cloud does. */
import type { Received, Reply, Script } from '../../clb/fake-cloud.ts';

type Dimensions = Record<string, string>;

export const NAMES = ['vip', 'loadBalancerPort', 'protocol', 'vpcId', 'lanIp', 'port'];

/** The answer of DescribeBaseMetrics about one metric. */
export const metricSet = (metric: string, change: Record<string, unknown> = {}) => ({
  Namespace: 'QCE/LB_PUBLIC',
  MetricName: metric,
  Period: [60, 300],
  Periods: [
    { Period: '60', StatType: ['sum'] },
    { Period: '300', StatType: ['sum'] },
  ],
  Dimensions: [
    { Dimensions: ['vip'] },
    { Dimensions: ['vip', 'loadBalancerPort', 'protocol'] },
    { Dimensions: [...NAMES].reverse() },
  ],
  ...change,
});

/** Value of one series at a moment (Unix seconds); undefined: no point there. */
export type Wave = (atSeconds: number) => unknown;

export interface MonitorOptions {
  /** The series that exist: metric, dimensions that must be exactly these, and their values. */
  series: { metric?: string; dimensions: Dimensions; wave: Wave }[];
  metrics?: Record<string, unknown>[];
  /** Periods (seconds) that hold data; others answer empty. */
  keptPeriods?: number[];
  dataPoints?: (points: Record<string, unknown>[], request: Received) => unknown;
}

const same = (a: Dimensions, b: Dimensions) =>
  Object.keys(a).length === Object.keys(b).length && Object.entries(a).every(([name, value]) => b[name] === value);

/** Points lie on whole periods of the epoch; newer than EndTime there are none. */
export function monitorScript(options: MonitorOptions): Script {
  const getData = (request: Received): Reply => {
    const { params } = request;
    const period = Number(params['Period']);
    const start = Math.floor(Date.parse(String(params['StartTime'])) / 1000 / period) * period;
    const end = Date.parse(String(params['EndTime'])) / 1000;
    const instances = params['Instances'] as { Dimensions: { Name: string; Value: string }[] }[];
    const points = instances.map(({ Dimensions }) => {
      const asked = Object.fromEntries(Dimensions.map(({ Name, Value }) => [Name, Value]));
      const found = options.series.find(
        ({ metric = 'ConNum', dimensions }) => metric === params['MetricName'] && same(dimensions, asked),
      );
      const times: number[] = [];
      for (let at = start; at <= end; at += period) times.push(at);
      const isKept = options.keptPeriods?.includes(period) ?? true;
      const kept = found === undefined || !isKept ? [] : times.filter((at) => found.wave(at) !== undefined);
      return {
        Dimensions: [...Dimensions].reverse(),
        Timestamps: kept,
        Values: kept.map((at) => found?.wave(at)),
        MaxValues: null,
      };
    });
    const shown = options.dataPoints?.(points.reverse(), request) ?? points.reverse();
    return { Period: period, MetricName: params['MetricName'], DataPoints: shown, Msg: '' };
  };
  return {
    DescribeBaseMetrics: ({ params }) => ({
      MetricSet: (options.metrics ?? [metricSet('ConNum'), metricSet('InPkg')]).filter(
        (metric) => metric['MetricName'] === params['MetricName'],
      ),
    }),
    GetMonitorData: getData,
  };
}
