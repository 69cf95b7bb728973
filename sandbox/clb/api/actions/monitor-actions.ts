/** Actions of monitor 2018-07-24. */
import type { Clb } from '../../balancers/balancers.ts';
import { CloudFault } from '../../balancers/fault.ts';
import type { ApiAction, ApiAnswer, ApiCall, Params } from '../call.ts';
import { dimensionSets, METRICS, type Metric, type Namespace, periodsOf } from './monitor-metrics.ts';
import { type Dimensions, type MonitorPoint, matchingBackends, seriesOf } from './monitor-series.ts';
import { cloudTime } from './shapes.ts';

/** Instances in one call: the older, smaller limit of the documentation. */
const MOST_INSTANCES = 10;
const MOST_POINTS = 1440;
const DEFAULT_PERIOD_SECONDS = 300;

/** `delayMs`: how long after its period a point appears. */
export function monitorActions(clb: Clb, delayMs: () => number): Record<string, ApiAction> {
  return {
    DescribeBaseMetrics: {
      parameters: ['Namespace', 'MetricName', 'Dimensions'],
      required: ['Namespace'],
      regional: true,
      run: (call) => describeBaseMetrics(clb, call),
    },
    GetMonitorData: {
      parameters: ['Namespace', 'MetricName', 'Instances', 'Period', 'StartTime', 'EndTime', 'SpecifyStatistics'],
      required: ['Namespace', 'MetricName', 'Instances'],
      regional: true,
      run: (call) => getMonitorData(clb, call, delayMs()),
    },
  };
}

function describeBaseMetrics(clb: Clb, { params }: ApiCall): ApiAnswer {
  const namespace = namespaceOf(params);
  const wanted = params.text('MetricName');
  const MetricSet = METRICS.filter(({ name }) => wanted === undefined || name === wanted).map((metric) => {
    const periods = periodsOf(metric, namespace, clb.monitorPeriodSeconds, clb.sampleSeconds);
    return {
      Namespace: namespace,
      MetricName: metric.name,
      MetricCName: metric.name,
      MetricEName: metric.name,
      Unit: metric.unit,
      UnitCname: metric.unit,
      Period: periods,
      Periods: periods.map((period) => ({ Period: `${period}`, StatType: ['max'] })),
      Meaning: { En: metric.meaning, Zh: metric.meaning },
      Dimensions: dimensionSets(namespace).map((set) => ({ Dimensions: set })),
    };
  });
  return { MetricSet };
}

function getMonitorData(clb: Clb, { params, nowMs, region }: ApiCall, delayMs: number): ApiAnswer {
  const namespace = namespaceOf(params);
  const metric = metricOf(params);
  const period = params.integer('Period') ?? DEFAULT_PERIOD_SECONDS;
  const announced = periodsOf(metric, namespace, clb.monitorPeriodSeconds, clb.sampleSeconds);
  if (!announced.includes(period)) {
    throw new CloudFault(
      'InvalidParameterValue',
      `period ${period} of ${metric.name} is not one of ${announced.join(', ')}.`,
    );
  }
  const instances = params.objects('Instances') ?? [];
  if (instances.length === 0 || instances.length > MOST_INSTANCES) {
    throw new CloudFault(
      'InvalidParameterValue',
      `instances: ${instances.length}, 1 to ${MOST_INSTANCES} are allowed.`,
    );
  }
  const { startMs, endMs } = windowOf(params, nowMs);
  if ((instances.length * (endMs - startMs)) / 1000 / period > MOST_POINTS) {
    throw new CloudFault('InvalidParameterValue', `more than ${MOST_POINTS} points are asked for in one call.`);
  }
  const statistics = params.integer('SpecifyStatistics') ?? 0;
  const local = [...clb.meteredBackends].filter(({ balancerId }) => clb.balancer(balancerId)?.region === region);
  const DataPoints = instances.map((instance) => {
    const dimensions = dimensionsOf(instance);
    const backends = matchingBackends(local, namespace, dimensions);
    const points = seriesOf(backends, metric, { period, sample: clb.sampleSeconds }, nowMs - delayMs, nowMs);
    return dataPoint(dimensions, points.filter(inWindow(startMs, endMs)), statistics);
  });
  return {
    Period: period,
    MetricName: metric.name,
    StartTime: cloudTime(startMs),
    EndTime: cloudTime(endMs),
    Msg: '',
    // Neither the order of the series nor that of the dimensions is promised, so neither is kept.
    DataPoints: DataPoints.reverse(),
  };
}

function dataPoint(dimensions: Dimensions, points: readonly MonitorPoint[], statistics: number): ApiAnswer {
  const values = points.map(({ value }) => value);
  return {
    Dimensions: [...dimensions].reverse().map(([Name, Value]) => ({ Name, Value })),
    Timestamps: points.map(({ timestamp }) => timestamp),
    Values: values,
    AvgValues: statistics & 1 ? values : null,
    MaxValues: statistics & 2 ? values : null,
    MinValues: statistics & 4 ? values : null,
  };
}

const inWindow = (startMs: number, endMs: number) => (point: MonitorPoint) =>
  point.timestamp * 1000 >= startMs && point.timestamp * 1000 <= endMs;

function namespaceOf(params: Params): Namespace {
  const namespace = params.text('Namespace');
  if (namespace === 'QCE/LB_PUBLIC' || namespace === 'QCE/LB_PRIVATE') return namespace;
  throw new CloudFault('InvalidParameterValue', `namespace ${namespace ?? ''} is not known.`);
}

function metricOf(params: Params): Metric {
  const name = params.text('MetricName');
  const metric = METRICS.find((known) => known.name === name);
  if (metric === undefined) throw new CloudFault('InvalidParameterValue', `metric ${name ?? ''} is not known.`);
  return metric;
}

function dimensionsOf(instance: Params): Dimensions {
  const entries = instance.objects('Dimensions') ?? [];
  return new Map(entries.map((entry) => [entry.text('Name') ?? '', entry.text('Value') ?? '']));
}

const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;

/** StartTime and EndTime, both included; by default from midnight UTC+8 to now. */
function windowOf(params: Params, nowMs: number): { startMs: number; endMs: number } {
  const read = (name: string): number | undefined => {
    const text = params.text(name);
    if (text === undefined) return undefined;
    if (!RFC_3339.test(text)) throw new CloudFault('InvalidParameterValue', `${name} ${text} is not an RFC 3339 time.`);
    return Date.parse(text);
  };
  const endMs = read('EndTime') ?? nowMs;
  const midnightMs = Date.parse(`${cloudTime(nowMs).slice(0, 10)}T00:00:00+08:00`);
  const startMs = read('StartTime') ?? midnightMs;
  if (startMs > endMs) throw new CloudFault('InvalidParameterValue', 'StartTime is after EndTime.');
  return { startMs, endMs };
}
