/** Reads the chosen sources, keeps their points, and judges them. */

import { isPassing } from '../../core/errors.ts';
import { backendKey, placeText } from '../../core/facts/backends.ts';
import type { ZeroIntent } from '../../core/intent/intent.ts';
import { judge, type Verdict } from '../../core/zero/verdict.ts';
import { lookBackMs, nextReadMs } from '../../core/zero/zero-pace.ts';
import { type CarriedRun, lastingPoints } from '../../core/zero/zero-run.ts';
import { TREND_MS, trendOf, type ZeroRow } from '../../core/zero/zero-view.ts';
import type { Cadence, CountedBackend, Point, Series, World } from '../../ports.ts';
import type { Assignment } from './choose-sources.ts';

export interface ZeroSample {
  backend: CountedBackend;
  row: ZeroRow;
  judged: Verdict;
}

export interface Sampler {
  /** One look at every source that can tell more than it did. A source that fails for a while makes its backends unknown; every other failure is thrown. */
  sample(assignments: readonly Assignment[], sinceMs: ReadonlyMap<string, number>): Promise<readonly ZeroSample[]>;
  /** No source could be looked at now: a reading of the moment is missing. */
  miss(): void;
  /** Drops everything that was read so far, and what was carried. */
  forget(): void;
  /** Joins what an earlier command has read, by pod UID, to each series of moments. */
  carry(runs: ReadonlyMap<string, CarriedRun>): void;
  /** Everything that was read of these so far; one that was never read is left out. */
  series(assignments: readonly Assignment[]): readonly SampledSeries[];
  /** How soon a reading can tell more, from the beginning of the last one on; undefined: no source has been read yet. */
  everyMs(): number | undefined;
}

export interface SampledSeries extends History {
  backend: CountedBackend;
}

interface History {
  cadence: Cadence;
  points: readonly Point[];
}

/** The result of one reading of a source; valid until the next reading can add to it. */
interface LastReading {
  samples: readonly ZeroSample[];
  readAtMs: number;
  nextMs: number;
  /** The moments of weight 0 that it was judged by. */
  since: string;
}

/** `sinceMs`, here and in `sample`: pod UID to the moment of weight 0. */
export function createSampler(world: World, intent: ZeroIntent): Sampler {
  const histories = new Map<string, History>();
  const readings = new Map<Assignment, LastReading>();
  let carried: ReadonlyMap<string, CarriedRun> = new Map();
  let everyMs: number | undefined;
  /** The most that a source of moments lacks of its stability window, by the last look. */
  let lacksMs = 0;

  async function readSource(
    assignment: Assignment,
    sinceMs: ReadonlyMap<string, number>,
  ): Promise<readonly ZeroSample[]> {
    const { source, backends } = assignment;
    const readAtMs = world.clock.now();
    const since = backends.map((backend) => sinceMs.get(backend.podUid)).join();
    const kept = readings.get(assignment);
    // A clock that was set back would make a reading last for ever.
    const isKept = kept?.since === since && readAtMs >= kept.readAtMs && readAtMs < kept.nextMs;
    if (isKept) return kept.samples;
    const oldest = Math.min(...backends.map((backend) => sinceMs.get(backend.podUid) ?? readAtMs));
    const cadence = backends.map((backend) => histories.get(keyOf(source.name, backend))?.cadence).find(Boolean);
    const fromMs = Math.max(oldest, readAtMs - lookBackMs(cadence, intent.stableForMs));
    try {
      const all = await source.read(backends, fromMs, { signal: world.signal });
      // A point is final only if it was so when the source was asked, which may have been for other readers first.
      const askedAtMs = Math.min(readAtMs, ...all.map((series) => series.readAtMs ?? readAtMs));
      const byKey = new Map(all.toReversed().map((series) => [backendKey(series.backend), series]));
      const samples = backends.map((backend) => {
        const series = byKey.get(backendKey(backend));
        return judgeSeries(backend, series, source.name, {
          readAtMs: askedAtMs,
          zeroSinceMs: sinceMs.get(backend.podUid),
        });
      });
      const paced = backends.flatMap((backend) => {
        const history = histories.get(keyOf(source.name, backend));
        return history === undefined ? [] : [{ ...history, zeroSinceMs: sinceMs.get(backend.podUid) ?? readAtMs }];
      });
      const nextMs = paced.length < backends.length ? readAtMs : nextReadMs(paced, intent, askedAtMs);
      readings.set(assignment, { samples, readAtMs, nextMs, since });
      return samples;
    } catch (error) {
      if (world.signal.aborted || !isPassing(error)) throw error;
      return backends.map((backend) => {
        missOne(keyOf(source.name, backend));
        return unread(backend, source.name, error.message);
      });
    }
  }

  function judgeSeries(
    backend: CountedBackend,
    series: Series | undefined,
    source: string,
    { readAtMs, zeroSinceMs }: { readAtMs: number; zeroSinceMs: number | undefined },
  ): ZeroSample {
    const key = keyOf(source, backend);
    if (series === undefined) {
      histories.delete(key);
      return unread(backend, source, 'the source gave no series');
    }
    const { cadence, holders = [] } = series;
    const wantedMs = cadence.kind === 'instant' ? cadence.periodMs : cadence.periodMs / 4;
    everyMs = Math.min(everyMs ?? wantedMs, wantedMs);
    const merged = merge(histories.get(key), series);
    const { maxConnections } = intent;
    // A source of periods gives its whole past at every reading.
    const points =
      cadence.kind === 'instant' ? lastingPoints(merged, cadence, { maxConnections, trendMs: TREND_MS }) : merged;
    histories.set(key, { cadence, points });
    const judged = judge(points, cadence, {
      zeroSinceMs: zeroSinceMs ?? Number.POSITIVE_INFINITY,
      // The value of a period is final only if the period was over when it was read.
      nowMs: cadence.kind === 'interval' ? readAtMs : world.clock.now(),
      stableForMs: intent.stableForMs,
      maxConnections: intent.maxConnections,
      carried: carried.get(backend.podUid),
    });
    const connections = points.findLast((point) => point.value !== null)?.value ?? null;
    const because = judged.verdict === 'unknown' ? judged.because : '';
    const { filledMs, neededMs, verdict } = judged;
    if (cadence.kind === 'instant') lacksMs = Math.max(lacksMs, neededMs - filledMs);
    const trend = trendOf(points);
    return {
      backend,
      judged,
      row: { ...rowPlace(backend, source), verdict, because, filledMs, neededMs, connections, trend, holders },
    };
  }

  function missOne(key: string): void {
    const known = histories.get(key);
    if (known?.cadence.kind !== 'instant') return;
    const atMs = world.clock.now();
    const newestMs = known.points.at(-1)?.atMs ?? Number.NEGATIVE_INFINITY;
    if (newestMs === atMs) return;
    histories.set(key, { ...known, points: [...(newestMs < atMs ? known.points : []), { atMs, value: null }] });
  }

  return {
    async sample(assignments, sinceMs) {
      const samples: ZeroSample[] = [];
      lacksMs = 0;
      // One after the other: a scrape of a pod is itself a connection, which its socket table would show.
      for (const assignment of assignments) samples.push(...(await readSource(assignment, sinceMs)));
      return samples;
    },
    miss: () => {
      for (const key of histories.keys()) missOne(key);
    },
    forget: () => {
      histories.clear();
      readings.clear();
      carried = new Map();
    },
    carry: (runs) => {
      carried = runs;
    },
    series: (assignments) =>
      assignments.flatMap(({ source, backends }) =>
        backends.flatMap((backend) => {
          const history = histories.get(keyOf(source.name, backend));
          return history === undefined ? [] : [{ ...history, backend }];
        }),
      ),
    // At its end a window lacks what its first reading took, and that is less than a period.
    everyMs: () => (everyMs !== undefined && lacksMs > 0 ? Math.min(everyMs, lacksMs) : everyMs),
  };
}

/** An interval source returns its whole history each time; an instant one adds a point. Points of another pace are another series. */
function merge(known: History | undefined, { cadence, points }: Series): readonly Point[] {
  const isSame = known?.cadence.kind === cadence.kind && known.cadence.periodMs === cadence.periodMs;
  if (cadence.kind === 'interval' || known === undefined || !isSame) return [...points];
  const newestMs = known.points.at(-1)?.atMs ?? Number.NEGATIVE_INFINITY;
  // The clock was set back: earlier points cannot be joined with later ones.
  if (points.some((point) => point.atMs < newestMs)) return [...points];
  return [...known.points, ...points.filter((point) => point.atMs > newestMs)];
}

const keyOf = (source: string, backend: CountedBackend): string => `${source} ${backendKey(backend)}`;

/** The part of a row that names its place. */
export const rowPlace = (backend: CountedBackend, source: string) => ({
  pod: backend.pod,
  listener: placeText(backend),
  source,
  ...(backend.inside === undefined ? {} : { inside: insideOf(backend.port, backend.inside) }),
});

const insideOf = (port: number, { name, leads }: NonNullable<CountedBackend['inside']>) => ({
  port,
  ...(name === undefined ? {} : { name }),
  leads,
});

function unread(backend: CountedBackend, source: string, because: string): ZeroSample {
  const judged: Verdict = { verdict: 'unknown', because, filledMs: 0, neededMs: 0 };
  const row: ZeroRow = { ...rowPlace(backend, source), ...judged, connections: null, trend: 'steady', holders: [] };
  return { backend, judged, row };
}
