/** The newest number of connections of each backend, for people: it proves nothing. */
import type { Advice } from '../../core/values/command.ts';
import type { Cadence, ConnectionSource, CountedBackend, Series, World } from '../../ports.ts';
import { softly } from '../guard/softly.ts';

/** How far back the newest count is looked for; older than this it says nothing about now. */
const COUNT_WINDOW_MS = 5 * 60_000;

export interface Counts {
  /** The newest number of any source, the largest where several count it; undefined: unknown, never zero. */
  of(backend: CountedBackend): number | undefined;
  /** How the points of the sources that gave a number are spaced, by source. */
  cadences: ReadonlyMap<string, Cadence>;
}

/** Asks every source for all of the backends at once. One that fails is noted, and its numbers are unknown. */
export async function countNow(
  world: World,
  backends: readonly CountedBackend[],
  notes: (string | Advice)[],
): Promise<Counts> {
  const counts = new Map<string, number>();
  const cadences = new Map<string, Cadence>();
  const sinceMs = world.clock.now() - COUNT_WINDOW_MS;
  for (const source of backends.length === 0 ? [] : world.sources) {
    for (const each of await readSoftly(world, source, backends, { sinceMs, notes })) {
      const newest = each.points.findLast((point) => point.value !== null)?.value ?? null;
      const key = keyOf(each.backend);
      if (newest === null) continue;
      cadences.set(source.name, each.cadence);
      counts.set(key, Math.max(newest, counts.get(key) ?? 0));
    }
  }
  return { of: (backend) => counts.get(keyOf(backend)), cadences };
}

async function readSoftly(
  world: World,
  source: ConnectionSource,
  backends: readonly CountedBackend[],
  { sinceMs, notes }: { sinceMs: number; notes: (string | Advice)[] },
): Promise<readonly Series[]> {
  const series = await softly(world, () => source.read(backends, sinceMs, { signal: world.signal }));
  if (series.known) return series.value;
  notes.push(`connections by ${source.name} are unknown: ${series.because}`);
  return [];
}

const keyOf = ({ podUid, balancer, listener, port }: CountedBackend): string =>
  `${podUid} ${balancer.id} ${listener.id} ${port}`;
