/**
 * The readings of all pods' watches at one look, joined: each source is read once for every pod, not once for each.
 * Law: a reading proves nothing later than the moment at which it was made, and one for all that fails is made pod by pod, so that
 * one pod that cannot be read spoils no other pod's window.
 */

import { isPassing } from '../../core/errors.ts';
import { backendKey } from '../../core/facts/backends.ts';
import { overriding } from '../../ports/overriding.ts';
import type { Clock, ConnectionSource, CountedBackend, Series } from '../../ports.ts';

export interface JoinedReads {
  /** The same sources; within `together` their readings are joined. */
  sources: readonly ConnectionSource[];
  /** Runs the looks of one tick. Outside of it every reading is made for itself, as before a deletion. */
  together<T>(looks: () => Promise<T>): Promise<T>;
  /** Forgets the backends of every other pod, by UID. */
  keepOnly(uids: ReadonlySet<string>): void;
}

/** The backends that the watches have asked one source for, and its reading at this look. */
interface Joined {
  wanted: Map<string, { backend: CountedBackend; sinceMs: number }>;
  reading: Promise<Reading | undefined> | undefined;
}

/** A look that follows a write at once, has nothing new to read. */
const FRESH_MS = 1_000;

interface Reading {
  readAtMs: number;
  /** By backend, with the moment from which on it was asked for. */
  series: ReadonlyMap<string, { series: Series; sinceMs: number }>;
}

export function joinReads(sources: readonly ConnectionSource[], clock: Clock, signal: AbortSignal): JoinedReads {
  const all = sources.map((source) => ({ source, joined: { wanted: new Map(), reading: undefined } as Joined }));
  let isTogether = false;

  async function readAll(source: ConnectionSource, { wanted }: Joined): Promise<Reading | undefined> {
    const backends = [...wanted.values()].map(({ backend }) => backend);
    const sinceMs = Math.min(...[...wanted.values()].map((each) => each.sinceMs));
    const readAtMs = clock.now();
    try {
      const series = await source.read(backends, sinceMs, { signal });
      return { readAtMs, series: new Map(series.map((each) => [backendKey(each.backend), { series: each, sinceMs }])) };
    } catch (error) {
      if (signal.aborted || !isPassing(error)) throw error;
      return undefined;
    }
  }

  const joining = ({ source, joined }: (typeof all)[number]): ConnectionSource =>
    overriding(source, {
      async read(backends, sinceMs, options) {
        if (!isTogether) return source.read(backends, sinceMs, options);
        for (const backend of backends) joined.wanted.set(backendKey(backend), { backend, sinceMs });
        joined.reading ??= readAll(source, joined);
        const reading = await joined.reading;
        const found = backends.map((backend) => reading?.series.get(backendKey(backend)));
        // A pod that is drained since the reading, or all pods where one could not be read.
        if (reading === undefined || found.some((each) => each === undefined || each.sinceMs > sinceMs))
          return source.read(backends, sinceMs, options);
        return found.flatMap((each) => (each === undefined ? [] : [{ ...each.series, readAtMs: reading.readAtMs }]));
      },
    });

  return {
    sources: all.map(joining),
    async together(looks) {
      const nowMs = clock.now();
      for (const { joined } of all) {
        const reading = await joined.reading?.catch(() => undefined);
        const ageMs = nowMs - (reading?.readAtMs ?? Number.NEGATIVE_INFINITY);
        if (!(ageMs >= 0 && ageMs < FRESH_MS)) joined.reading = undefined;
      }
      isTogether = true;
      try {
        return await looks();
      } finally {
        isTogether = false;
      }
    },
    keepOnly(uids) {
      for (const { joined } of all)
        for (const [key, { backend }] of joined.wanted) if (!uids.has(backend.podUid)) joined.wanted.delete(key);
    },
  };
}
