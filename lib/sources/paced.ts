/** For looks that follow one another more quickly than a source has news: a reading stands until the next period has begun. */
import type { Clock, ConnectionSource, CountedBackend, Series } from '../ports.ts';

/** A source of moments is read every time. A failed reading is not kept. */
export function paced(source: ConnectionSource, clock: Clock): ConnectionSource {
  const kept = new Map<string, { series: readonly Series[]; fromMs: number; untilMs: number }>();
  return {
    name: source.name,
    ...(source.asked === undefined ? {} : { asked: source.asked }),
    ...(source.countsInside === undefined ? {} : { countsInside: source.countsInside }),
    ...(source.countsBy === undefined ? {} : { countsBy: source.countsBy }),
    prove: (backends, siblings, options) => source.prove(backends, siblings, options),
    async read(backends, sinceMs, options) {
      const key = backends.map(keyOf).join();
      const nowMs = clock.now();
      const known = kept.get(key);
      if (known !== undefined && known.fromMs <= nowMs && nowMs < known.untilMs) return known.series;
      kept.delete(key);
      const series = await source.read(backends, sinceMs, options);
      kept.set(key, { series, fromMs: nowMs, untilMs: Math.min(...series.map((each) => nextPeriodMs(each, nowMs))) });
      return series;
    },
  };
}

const keyOf = ({ podUid, balancer, listener, address, port }: CountedBackend): string =>
  `${podUid} ${balancer.id} ${listener.id} ${address}:${port}`;

function nextPeriodMs({ cadence: { kind, periodMs } }: Series, nowMs: number): number {
  return kind === 'instant' ? nowMs : Math.floor(nowMs / periodMs + 1) * periodMs;
}
