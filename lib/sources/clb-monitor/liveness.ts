/** Proof that a series is really kept under the dimensions we ask for: wrong dimensions give empty data, not an error. */
import type { Cloud } from '../../clb/cloud.ts';
import type { CountedBackend } from '../../ports.ts';
import { dimensionKey, planSeries, type SeriesPlan } from './dimensions.ts';
import { readMonitorData } from './monitor-data.ts';

/** How far back a sibling's points are looked for. */
const LOOK_BACK_PERIODS = 15;
/** One call's worth of witnesses is looked at; if none of those has points, nor will the next. */
const MOST_WITNESSES = 10;
const MOST_SIBLINGS = 7;

/** A backend that may be a witness, and why it may. */
interface Witness {
  backend: CountedBackend;
  plan: SeriesPlan;
  weight: number;
}

export interface Liveness {
  live: boolean;
  because: string;
}

/** Siblings on the same listener that get new connections, by weight; and the backends themselves, whose own past counts as well. */
export function chooseWitnesses(
  backends: readonly CountedBackend[],
  siblings: readonly CountedBackend[],
): readonly Witness[] {
  const [first] = backends;
  if (first === undefined) return [];
  const sameListener = siblings.filter(
    ({ balancer, listener }) => balancer.id === first.balancer.id && listener.id === first.listener.id,
  );
  const serving = sameListener
    .map((backend) => ({ backend, weight: weightOf(backend) }))
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight);
  const own = backends.map((backend) => ({ backend, weight: 0 }));
  const candidates = [...serving.slice(0, MOST_SIBLINGS), ...own];
  return candidates.slice(0, MOST_WITNESSES).flatMap(({ backend, weight }) => {
    const plan = planSeries(backend);
    return 'because' in plan ? [] : [{ backend, plan, weight }];
  });
}

function weightOf({ listener, address, port }: CountedBackend): number {
  const bound = listener.backends.filter((each) => each.address === address && each.port === port);
  return Math.max(0, ...bound.map((each) => each.weight));
}

/** Whether at least one witness has real points of every metric at this period. */
export async function proveLive(
  cloud: Cloud,
  witnesses: readonly Witness[],
  options: { periodSeconds: number; nowMs: number; signal: AbortSignal | undefined },
): Promise<Liveness> {
  const { periodSeconds, nowMs, signal } = options;
  const [first] = witnesses;
  if (first === undefined)
    return { live: false, because: 'no backend of this listener has traffic that could prove it' };
  const { namespace, region, metrics } = first.plan;
  const series = witnesses.map(({ plan }) => plan.dimensions);
  const fromMs = nowMs - LOOK_BACK_PERIODS * periodSeconds * 1000;
  const readings = await Promise.all(
    metrics.map((metric) =>
      readMonitorData(cloud, { namespace, metric, region, periodSeconds, fromMs, toMs: nowMs, series }, signal),
    ),
  );
  const minutes = Math.max(1, Math.round((LOOK_BACK_PERIODS * periodSeconds) / 60));
  const found = witnesses
    .map(({ backend, plan }) => {
      const perMetric = readings.map((each) => numbersOf(each.get(dimensionKey(plan.dimensions))));
      return {
        backend,
        isComplete: perMetric.every((numbers) => numbers.length > 0),
        peak: Math.max(0, ...(perMetric[0] ?? [])),
      };
    })
    .filter(({ isComplete }) => isComplete)
    .sort((a, b) => b.peak - a.peak)[0];
  if (found === undefined) {
    const names = witnesses.map(({ backend }) => backend.pod).join(', ');
    return {
      live: false,
      because: `Cloud Monitor has no points of ${metrics.join(' and ')} for ${names} in the last ${minutes} min: wrong dimensions and no traffic look the same`,
    };
  }
  const seen = found.peak > 0 ? `up to ${found.peak} connections` : 'data, all of it 0 so far,';
  return { live: true, because: `Cloud Monitor shows ${seen} on ${found.backend.pod} every ${periodSeconds} s` };
}

const numbersOf = (readings: ReadonlyMap<number, number | null> | undefined): number[] =>
  [...(readings?.values() ?? [])].filter((value) => value !== null);
