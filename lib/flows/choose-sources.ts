/** Decides once, before anything is counted, which source counts which backend; a source is never switched in the middle of a wait. */
import { countedBackends, isServing, type PodBinding } from '../core/backends.ts';
import type { SourceChoice } from '../core/zero-view.ts';
import { RefusedError, UsageError } from '../errors.ts';
import type { ConnectionSource, CountedBackend, World } from '../ports.ts';

export interface Assignment {
  source: ConnectionSource;
  backends: readonly CountedBackend[];
}

export interface Chosen {
  assignments: readonly Assignment[];
  sources: readonly SourceChoice[];
}

export const backendKey = (backend: CountedBackend): string =>
  `${backend.podUid} ${backend.balancer.id} ${backend.listener.id} ${backend.address}:${backend.port}`;

/**
 * Asks every source (or the named ones) which of the backends it can prove to count.
 * Throws UsageError for a name that is no source, RefusedError when a named source cannot count, or a backend would be counted by none.
 */
export async function chooseSources(
  world: World,
  bindings: readonly PodBinding[],
  ordinals: readonly number[],
  named: readonly string[] | undefined,
): Promise<Chosen> {
  const backends = bindings.filter((binding) => ordinals.includes(binding.pod.ordinal)).flatMap(countedBackends);
  const siblings = bindings
    .filter((binding) => !ordinals.includes(binding.pod.ordinal) && isServing(binding))
    .flatMap(countedBackends);
  const candidates = pick(world.sources, named);
  const answers = await Promise.all(
    candidates.map(async (source) => ({
      source,
      answer: await source.prove(backends, siblings, { signal: world.signal }),
    })),
  );
  const assignments = answers
    .map(({ source, answer }) => ({
      source,
      backends: answer.filter((each) => each.countable).map((each) => each.backend),
    }))
    .filter((each) => each.backends.length > 0);
  const sources = answers.map(({ source, answer }) => {
    const failed = answer.find((each) => !each.countable);
    return {
      name: source.name,
      counts: failed === undefined && answer.length > 0,
      because: (failed ?? answer[0])?.because ?? 'nothing to count',
    };
  });
  const wanted = candidates.filter((source) => named !== undefined || source.asked === true).map(({ name }) => name);
  refuseUncounted(backends, assignments, sources, wanted);
  return { assignments, sources };
}

function pick(sources: readonly ConnectionSource[], named: readonly string[] | undefined): readonly ConnectionSource[] {
  if (named === undefined) return sources;
  const known = sources.map((source) => source.name);
  const unknown = named.filter((name) => !known.includes(name));
  if (unknown.length > 0)
    throw new UsageError(`unknown source "${unknown.join(',')}"`, `accepted by --source: ${known.join(', ')}`);
  return sources.filter((source) => named.includes(source.name));
}

function refuseUncounted(
  backends: readonly CountedBackend[],
  assignments: readonly Assignment[],
  sources: Chosen['sources'],
  wanted: readonly string[],
): void {
  const why = sources.filter((source) => !source.counts).map((source) => `${source.name}: ${source.because}`);
  const counted = new Set(assignments.flatMap((each) => each.backends.map(backendKey)));
  const uncounted = backends.filter((backend) => !counted.has(backendKey(backend)));
  const failed = sources.some((source) => !source.counts && wanted.includes(source.name));
  if (uncounted.length === 0 && !failed) return;
  const pods = [...new Set(uncounted.map((backend) => backend.pod))].join(', ');
  throw new RefusedError([
    {
      rule: 'countable',
      message: `${uncounted.length > 0 ? `no source can count the connections of ${pods}` : 'a source that was asked for cannot count'} (${why.join('; ') || 'no source is configured'})`,
      override: '--source',
    },
  ]);
}
