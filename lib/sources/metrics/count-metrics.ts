/** Connection counts as the pods' own program reports them: one gauge of its Prometheus endpoint, through the API server's pod proxy. */
import { ConnectionError, isPassing, StatusError } from '../../core/errors.ts';
import type { Clock, ConnectionSource, Countability, CountedBackend, Kube, Series } from '../../ports.ts';
import { mapBounded } from '../bounded.ts';
import { MOST_AT_ONCE } from '../moments.ts';
import { createPace } from '../pace.ts';
import { type MetricSeries, readMetric } from './exposition.ts';
import type { MetricSelector } from './selector.ts';

const NAME = 'metrics';
/** A value that is older than this by its own timestamp, or from the future, is no evidence about now. */
const STALE_MS = 30_000;
/** One call's worth of siblings is looked at, for a number above 0. */
const MOST_SIBLINGS = 3;

export interface MetricsOptions {
  kube: Kube;
  clock: Clock;
  warn: (line: string) => void;
  /** undefined: not asked for. */
  selector: MetricSelector | undefined;
  /** undefined: the port that the load balancer sends to. */
  port: number | undefined;
  path: string;
}

type MetricAnswer = { value: number | null } | { because: string };

export function createMetrics({ kube, clock, warn, selector, port, path }: MetricsOptions): ConnectionSource {
  const pace = createPace(NAME, clock, warn);
  /** The series that were seen, by pod UID: one that is gone later is missing, not zero. */
  const known = new Map<string, ReadonlySet<string>>();

  async function scrape(backend: CountedBackend, wanted: MetricSelector, signal?: AbortSignal): Promise<MetricAnswer> {
    const base = `/api/v1/namespaces/${encodeURIComponent(kube.namespace)}/pods/${encodeURIComponent(backend.pod)}`;
    const url = `${base}:${port ?? backend.port}/proxy/${path.replace(/^\/+/, '')}`;
    const text = await kube.getText(url, signal === undefined ? {} : { signal });
    const { type, series } = await readMetric(text, wanted);
    if (type === undefined) return { because: `pod ${backend.pod} has no metric ${wanted.name}` };
    if (type !== 'GAUGE' && type !== 'UNTYPED') {
      return { because: `${wanted.name} is a ${type.toLowerCase()}, which never falls to 0; a gauge is needed` };
    }
    if (series.length === 0) return { because: `pod ${backend.pod} has no series that matches ${wanted.text}` };
    return { value: total(backend, series) };
  }

  /** The sum, when every series that was ever seen has a number that is not old. */
  function total({ podUid }: CountedBackend, series: readonly MetricSeries[]): number | null {
    const before = known.get(podUid) ?? new Set<string>();
    const now = new Set(series.map(({ key }) => key));
    known.set(podUid, new Set([...before, ...now]));
    if ([...before].some((key) => !now.has(key))) return null;
    // The pods' nodes and the API server keep the same time, which this machine may not.
    const nowMs = clock.now() - (kube.clockAheadMs?.() ?? 0);
    let sum = 0;
    for (const { value, atMs } of series) {
      if (value === null || (atMs !== undefined && Math.abs(nowMs - atMs) > STALE_MS)) return null;
      sum += value;
    }
    return sum;
  }

  /** A permanent error is a reason not to count here. Throws errors that may be temporary: the caller asks again. */
  const tryScrape = (backend: CountedBackend, wanted: MetricSelector, signal?: AbortSignal): Promise<MetricAnswer> =>
    scrape(backend, wanted, signal).catch((error: unknown): MetricAnswer => {
      if (isPassing(error)) throw error;
      if (error instanceof StatusError) {
        const hint = error.httpStatus === 403 ? '; it needs get on pods/proxy' : '';
        return { because: `the metrics of ${backend.pod} cannot be read: ${error.serverMessage}${hint}` };
      }
      if (error instanceof ConnectionError) return { because: error.message };
      throw error;
    });

  /** The largest number that a pod with traffic shows: a help to people, so that one that does not answer is passed over. */
  async function peakOf(
    siblings: readonly CountedBackend[],
    wanted: MetricSelector,
    signal?: AbortSignal,
  ): Promise<number> {
    const readings = await mapBounded(siblings.slice(0, MOST_SIBLINGS), MOST_AT_ONCE, (each) =>
      tryScrape(each, wanted, signal).catch((error: unknown): MetricAnswer => {
        if (signal?.aborted !== true && isPassing(error)) return { because: error.message };
        throw error;
      }),
    );
    return Math.max(0, ...readings.map((each) => ('value' in each ? (each.value ?? 0) : 0)));
  }

  return {
    name: NAME,
    async prove(backends, siblings, { signal } = {}) {
      if (selector === undefined) {
        return backends.map((backend) => ({
          backend,
          countable: false,
          because: 'no --metric given',
          unasked: true as const,
        }));
      }
      pace.reset();
      const peak = await peakOf(siblings, selector, signal);
      return mapBounded(backends, MOST_AT_ONCE, async (backend) =>
        countability(backend, await tryScrape(backend, selector, signal), selector, peak),
      );
    },
    async read(backends, _sinceMs, { signal } = {}) {
      if (selector === undefined) throw new ConnectionError('the metrics source has no metric: --metric names one');
      const beganMs = clock.now();
      const read = await mapBounded(backends, MOST_AT_ONCE, async (backend) => {
        const atMs = clock.now();
        const reading = await scrape(backend, selector, signal);
        const value = 'value' in reading ? reading.value : null;
        return { source: NAME, backend, points: [{ atMs, untilMs: clock.now(), value }] };
      });
      const cadence = pace.after(backends.length, beganMs);
      return read.map((series): Series => ({ ...series, cadence }));
    },
  };
}

function countability(
  backend: CountedBackend,
  reading: MetricAnswer,
  selector: MetricSelector,
  peak: number,
): Countability {
  if ('because' in reading) return { backend, countable: false, because: reading.because };
  if (reading.value === null) {
    return { backend, countable: false, because: `pod ${backend.pod} gives no count for ${selector.text}` };
  }
  const others = peak > 0 ? `, and up to ${peak} on pods with traffic` : ', and no pod with traffic shows more than 0';
  return { backend, countable: true, because: `${selector.text} is ${reading.value} on ${backend.pod}${others}` };
}
