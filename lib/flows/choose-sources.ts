/**
 * Decides which source counts which backend. Once decided it stays so for the whole wait; a source that cannot be asked for the
 * moment stays open, and holds the verdict up until it is.
 */
import { countedBackends, isServing, type PodBinding } from '../core/backends.ts';
import type { SourceChoice } from '../core/zero-view.ts';
import { isPassing, RefusedError, UsageError } from '../errors.ts';
import type { ConnectionSource, Countability, CountedBackend, World } from '../ports.ts';

export interface Assignment {
  source: ConnectionSource;
  backends: readonly CountedBackend[];
}

export interface Chosen {
  assignments: readonly Assignment[];
  sources: readonly SourceChoice[];
  /** Sources that could not be asked yet. */
  open: readonly ConnectionSource[];
}

export const backendKey = (backend: CountedBackend): string =>
  `${backend.podUid} ${backend.balancer.id} ${backend.listener.id} ${backend.address}:${backend.port}`;

/**
 * Asks every source (or the named ones) which of the backends it can prove to count; given what was chosen `before`, only those
 * still open. Throws UsageError for a name that is no source, RefusedError when a named source cannot count, or a backend would
 * be counted by none.
 */
export async function chooseSources(
  world: World,
  bindings: readonly PodBinding[],
  ordinals: readonly number[],
  named: readonly string[] | undefined,
  before?: Chosen,
): Promise<Chosen> {
  const backends = bindings.filter((binding) => ordinals.includes(binding.pod.ordinal)).flatMap(countedBackends);
  const siblings = bindings
    .filter((binding) => !ordinals.includes(binding.pod.ordinal) && isServing(binding))
    .flatMap(countedBackends);
  const candidates = pick(world.sources, named);
  const asked = before?.open ?? candidates;
  const answers = await Promise.all(asked.map((source) => ask(world, source, backends, siblings)));
  const assignments = [
    ...(before?.assignments ?? []),
    ...answers
      .map(({ source, answer }) => ({
        source,
        backends: answer.filter((each) => each.countable).map((each) => each.backend),
      }))
      .filter((each) => each.backends.length > 0),
  ];
  const choices = new Map([...(before?.sources ?? []), ...answers.map(choiceOf)].map((each) => [each.name, each]));
  const sources = candidates.flatMap(({ name }) => choices.get(name) ?? []);
  const open = answers.filter((each) => each.passing !== undefined).map(({ source }) => source);
  const wanted = candidates.filter((source) => named !== undefined || source.asked === true).map(({ name }) => name);
  refuseUncounted({ assignments, sources, open }, backends, wanted);
  return { assignments, sources, open };
}

interface Answer {
  source: ConnectionSource;
  answer: readonly Countability[];
  /** Why it could not be asked now. */
  passing?: string;
}

async function ask(
  { signal }: World,
  source: ConnectionSource,
  backends: readonly CountedBackend[],
  siblings: readonly CountedBackend[],
): Promise<Answer> {
  try {
    return { source, answer: await source.prove(backends, siblings, { signal }) };
  } catch (error) {
    if (signal.aborted || !isPassing(error)) throw error;
    return { source, answer: [], passing: error.message };
  }
}

function choiceOf({ source: { name }, answer, passing }: Answer): SourceChoice {
  const failed = answer.find((each) => !each.countable);
  const because = passing === undefined ? (failed ?? answer[0])?.because : `it cannot be asked now: ${passing}`;
  return { name, counts: failed === undefined && answer.length > 0, because: because ?? 'nothing to count' };
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
  { assignments, sources, open }: Chosen,
  backends: readonly CountedBackend[],
  wanted: readonly string[],
): void {
  const isOpen = (name: string) => open.some((source) => source.name === name);
  const why = sources.filter((source) => !source.counts).map((source) => `${source.name}: ${source.because}`);
  const counted = new Set(assignments.flatMap((each) => each.backends.map(backendKey)));
  // What nobody counts yet may be counted by a source that is still open.
  const uncounted = open.length > 0 ? [] : backends.filter((backend) => !counted.has(backendKey(backend)));
  const failed = sources.some((source) => !source.counts && !isOpen(source.name) && wanted.includes(source.name));
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
