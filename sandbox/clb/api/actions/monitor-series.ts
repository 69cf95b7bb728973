import type { Sample } from '../../meters/meter.ts';
import type { MeteredBackend } from '../../meters/meters.ts';
import { dimensionSets, type Metric, type Namespace } from './monitor-metrics.ts';

/** One point; `timestamp` is the first second of its period. */
export interface MonitorPoint {
  timestamp: number;
  value: number;
}

export type Dimensions = ReadonlyMap<string, string>;

/** The value of each dimension for one backend (Cloud Monitor, CLB dimensions; `vpcId` is the numeric one). */
function dimensionsOf(backend: MeteredBackend): Record<string, string> {
  return {
    vip: backend.vip,
    loadBalancerPort: String(backend.listenerPort),
    protocol: backend.protocol,
    vpcId: backend.numericVpcId,
    lanIp: backend.address,
    port: String(backend.port),
  };
}

/** The backends that a dimension set names; none when the set is not one of the namespace's, or any value differs. */
export function matchingBackends(
  backends: Iterable<MeteredBackend>,
  namespace: Namespace,
  dimensions: Dimensions,
): MeteredBackend[] {
  const isKnown = dimensionSets(namespace).some(
    (set) => set.length === dimensions.size && set.every((name) => dimensions.has(name)),
  );
  if (!isKnown) return [];
  const network = namespace === 'QCE/LB_PUBLIC' ? 'public' : 'private';
  return [...backends].filter((backend) => {
    const own = dimensionsOf(backend);
    return backend.network === network && [...dimensions].every(([name, value]) => own[name] === value);
  });
}

/** The points of one metric, added up over the backends, whose period is over at `untilMs`. A period that no backend saw has no point. */
export function seriesOf(
  backends: readonly MeteredBackend[],
  metric: Metric,
  seconds: { period: number; sample: number },
  untilMs: number,
  nowMs: number,
): MonitorPoint[] {
  const sums = new Map<number, number>();
  for (const { meter } of backends) {
    const groups = new Map<number, Sample[]>();
    for (const sample of meter.samples(nowMs)) {
      const timestamp = Math.floor(sample.timestamp / seconds.period) * seconds.period;
      if ((timestamp + seconds.period) * 1000 > untilMs) continue;
      const group = groups.get(timestamp);
      if (group === undefined) groups.set(timestamp, [sample]);
      else group.push(sample);
    }
    for (const [timestamp, samples] of groups) {
      const value = metric.point(samples, seconds.period, seconds.sample);
      sums.set(timestamp, (sums.get(timestamp) ?? 0) + value);
    }
  }
  return [...sums].map(([timestamp, value]) => ({ timestamp, value })).sort((a, b) => a.timestamp - b.timestamp);
}
