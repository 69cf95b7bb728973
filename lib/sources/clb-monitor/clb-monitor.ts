/**
 * Connection counts as the load balancer reports them to Cloud Monitor: `ConNum` per backend, one point a period, settled only
 * after minutes. Whether health checks count in it is not documented; a backend that never reaches 0 is busy, not done.
 */

import { isCredentialCode } from '../../clb/calls/cloud-retry.ts';
import type { Cloud } from '../../clb/cloud.ts';
import { CloudError, ConnectionError, isPassing } from '../../core/errors.ts';
import { isUdp } from '../../core/facts/backends.ts';
import { MAX_SKEW_MS, skewText } from '../../core/zero/clock-skew.ts';
import type { Cadence, Clock, ConnectionSource, Countability, CountedBackend, Series } from '../../ports.ts';
import { describeMetric, type MetricFacts } from './base-metrics.ts';
import { dimensionKey, planSeries, type SeriesPlan } from './dimensions.ts';
import { chooseWitnesses, type Liveness, proveLive } from './liveness.ts';
import { readMonitorData } from './monitor-data.ts';
import { framePoints } from './points.ts';

/** Points of the newest periods may still be missing or change. */
const UNSETTLED_PERIODS = 2;
/** How late the cloud is does not hang on how fine its points are: two minutes at least, for every period that it documents. */
const UNSETTLED_MS = 120_000;
/** The finest documented one (Cloud Monitor, metrics of CLB). A finer one is a rehearsal's, whose time runs faster. */
const FINEST_MS = 10_000;

const NAME = 'clb';

/** `clockAheadMs`: how far this machine's clock is ahead of the cluster's; undefined: not known. */
export function createClbMonitor(
  cloud: Cloud,
  clock: Clock,
  clockAheadMs: () => number | undefined = () => undefined,
): ConnectionSource {
  /** Asked once however many backends want to know at the same time; a failed answer is asked for again. */
  const announced = new Map<string, Promise<MetricFacts>>();
  /** The period that a listener was proved live at, by listenerKey. */
  const provedSeconds = new Map<string, number>();

  const metricFacts = ({ namespace, region }: SeriesPlan, metric: string, signal: AbortSignal | undefined) => {
    const key = `${region} ${namespace} ${metric}`;
    const asked = announced.get(key) ?? describeMetric(cloud, namespace, metric, { region, signal });
    announced.set(key, asked);
    asked.catch(() => announced.delete(key));
    return asked;
  };

  /** Periods that every metric of the plan has, finest first. */
  const periodsOf = async (plan: SeriesPlan, signal: AbortSignal | undefined): Promise<MetricFacts> => {
    const all = await Promise.all(plan.metrics.map((metric) => metricFacts(plan, metric, signal)));
    const because = all.flatMap((facts) => ('because' in facts ? [facts.because] : []))[0];
    if (because !== undefined) return { because };
    const [first = [], ...others] = all.map((facts) => ('because' in facts ? [] : facts.periodsSeconds));
    const common = first.filter((seconds) => others.every((periods) => periods.includes(seconds)));
    return common.length > 0
      ? { periodsSeconds: common }
      : { because: `Cloud Monitor keeps ${plan.metrics.join(' and ')} at different periods` };
  };

  const proveListener = async (
    backends: readonly CountedBackend[],
    siblings: readonly CountedBackend[],
    plan: SeriesPlan,
    signal: AbortSignal | undefined,
  ): Promise<Liveness> => {
    const facts = await periodsOf(plan, signal);
    if ('because' in facts) return { live: false, because: facts.because };
    const witnesses = chooseWitnesses(backends, siblings);
    let last: Liveness = { live: false, because: 'no period was announced' };
    const aheadMs = clockAheadMs() ?? 0;
    // A period announced for the metric may not be kept per backend: then the next coarser one.
    for (const periodSeconds of facts.periodsSeconds) {
      // The period after weight 0 was seen is not used; that is all the room there is for clocks that differ.
      if (Math.abs(aheadMs) > Math.min(MAX_SKEW_MS, periodSeconds * 1000)) {
        last = { live: false, because: `${skewText(aheadMs)}, and Cloud Monitor goes by the cloud's: set the clock` };
        continue;
      }
      last = await proveLive(cloud, witnesses, { periodSeconds, nowMs: clock.now(), signal });
      if (!last.live) continue;
      for (const backend of backends) provedSeconds.set(listenerKey(backend), periodSeconds);
      return { live: true, because: last.because + caveat(backends[0]) };
    }
    return last;
  };

  const planned = async (backend: CountedBackend, signal: AbortSignal | undefined): Promise<PlannedSeries> => {
    const plan = planSeries(backend);
    if ('because' in plan) throw new ConnectionError(`the clb source cannot count ${backend.pod}: ${plan.because}`);
    const proved = provedSeconds.get(listenerKey(backend));
    if (proved !== undefined) return { backend, plan, periodSeconds: proved };
    const facts = await periodsOf(plan, signal);
    const finest = 'because' in facts ? undefined : facts.periodsSeconds[0];
    if (finest === undefined) {
      const why = 'because' in facts ? facts.because : 'no period was announced';
      throw new ConnectionError(`the clb source cannot count ${backend.pod}: ${why}`);
    }
    return { backend, plan, periodSeconds: finest };
  };

  return {
    name: NAME,
    async prove(backends, siblings, { signal } = {}) {
      const found = await Promise.all(
        [...grouped(backends, listenerKey).values()].map(async (group): Promise<readonly Countability[]> => {
          const plan = group.map(planSeries).find((each) => !('because' in each));
          const liveness =
            plan === undefined || 'because' in plan
              ? undefined
              : await proveListener(group, siblings, plan, signal).catch(refusalToCount);
          return group.map((backend) => countability(backend, liveness));
        }),
      );
      const byBackend = new Map(found.flat().map((each) => [each.backend, each]));
      return backends.flatMap((backend) => byBackend.get(backend) ?? []);
    },
    async read(backends, sinceMs, { signal } = {}) {
      const nowMs = clock.now();
      const all = await Promise.all(backends.map((backend) => planned(backend, signal)));
      const aheadMs = clockAheadMs() ?? 0;
      const roomMs = Math.min(MAX_SKEW_MS, ...all.map(({ periodSeconds }) => periodSeconds * 1000));
      if (Math.abs(aheadMs) > roomMs)
        throw new ConnectionError(`${skewText(aheadMs)}, and Cloud Monitor goes by the cloud's`, {
          hint: 'set the clock (timedatectl set-ntp true); or count elsewhere: --source pod',
          // Somebody, or a time service, may be about to set it.
          retryable: true,
        });
      const groups = grouped(all, ({ plan, periodSeconds }) =>
        [plan.region, plan.namespace, plan.metrics.join('+'), periodSeconds].join(' '),
      );
      const series = await Promise.all(
        [...groups.values()].map((group) => readGroup(cloud, group, { sinceMs, nowMs, signal })),
      );
      const byBackend = new Map(series.flat().map((each) => [each.backend, each]));
      return backends.flatMap((backend) => byBackend.get(backend) ?? []);
    },
  };
}

interface PlannedSeries {
  backend: CountedBackend;
  plan: SeriesPlan;
  periodSeconds: number;
}

/** Every series of one namespace, region, period and set of metrics. */
async function readGroup(
  cloud: Cloud,
  group: readonly PlannedSeries[],
  options: { sinceMs: number; nowMs: number; signal: AbortSignal | undefined },
): Promise<readonly Series[]> {
  const { sinceMs, nowMs, signal } = options;
  const [first] = group;
  if (first === undefined) return [];
  const { namespace, region, metrics } = first.plan;
  const { periodSeconds } = first;
  const series = group.map(({ plan }) => plan.dimensions);
  const cadence = cadenceOf(periodSeconds);
  const fromMs = Math.floor(sinceMs / cadence.periodMs) * cadence.periodMs;
  // Right after a drain no period has begun yet whose point could be asked for.
  const hasBegun = Math.ceil(sinceMs / cadence.periodMs) * cadence.periodMs <= nowMs;
  const readings = await Promise.all(
    (hasBegun ? metrics : []).map((metric) =>
      readMonitorData(cloud, { namespace, metric, region, periodSeconds, fromMs, toMs: nowMs, series }, signal),
    ),
  );
  const frame = { periodMs: cadence.periodMs, sinceMs, settledUntilMs: nowMs - cadence.settleMs };
  return group.map(({ backend, plan }) => {
    const key = dimensionKey(plan.dimensions);
    const points = framePoints(
      readings.map((each) => each.get(key)),
      frame,
    );
    return { source: NAME, backend, cadence, points };
  });
}

function cadenceOf(periodSeconds: number): Cadence<'interval'> {
  const periodMs = periodSeconds * 1000;
  const settleMs = Math.max(UNSETTLED_PERIODS * periodMs, periodMs < FINEST_MS ? 0 : UNSETTLED_MS);
  return { kind: 'interval', periodMs, settleMs };
}

const listenerKey = ({ balancer, listener }: CountedBackend): string =>
  `${balancer.region} ${balancer.id} ${listener.id}`;

function grouped<T>(items: readonly T[], keyOf: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}

function countability(backend: CountedBackend, liveness: Liveness | undefined): Countability {
  const plan = planSeries(backend);
  if ('because' in plan) return { backend, countable: false, because: plan.because };
  return {
    backend,
    countable: liveness?.live ?? false,
    because: liveness?.because ?? 'its listener cannot be counted',
  };
}

/** A cloud that will not show the metrics leaves the other sources to count; refused credentials, and errors that may be temporary, are for the verb to judge. */
function refusalToCount(error: unknown): Liveness {
  if (isPassing(error)) throw error;
  const isRefused = error instanceof CloudError && !isCredentialCode(error.code);
  if (isRefused || error instanceof ConnectionError) return { live: false, because: error.message };
  throw error;
}

/** Notes for people about counts of this listener. */
function caveat(backend: CountedBackend | undefined): string {
  if (backend === undefined) return '';
  const { listener } = backend;
  const notes = [
    ...(listener.healthCheck.on ? ['health checks may be counted too'] : []),
    ...(isUdp(listener) ? [`for ${listener.protocol} incoming packets count as well`] : []),
    ...(listener.protocol.startsWith('HTTP') ? ['all rules of the listener are counted together'] : []),
  ];
  return notes.length === 0 ? '' : ` (${notes.join('; ')})`;
}
