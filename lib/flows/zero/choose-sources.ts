/**
 * Decides which source counts which backend. Once decided it stays so for the whole wait; a source that cannot be asked for the
 * moment stays open, and holds the verdict up until it is.
 */

import { isPassing, type Refusal, RefusedError, UsageError } from '../../core/errors.ts';
import type { TargetIntent, ZeroIntent } from '../../core/intent/intent.ts';
import { uncountedRule } from '../../core/safety/inside-rule.ts';
import {
  choiceOf,
  countableRefusals,
  podPort,
  type SourceAnswer,
  uncountedBecause,
  uncountedInside,
} from '../../core/zero/countable.ts';
import type { SourceChoice } from '../../core/zero/zero-view.ts';
import type { ConnectionSource, Countability, CountedBackend, World } from '../../ports.ts';

const NOTHING_INSIDE = { backends: [], siblings: [] } as const;

export interface Assignment {
  source: ConnectionSource;
  backends: readonly CountedBackend[];
}

export interface Chosen {
  assignments: readonly Assignment[];
  sources: readonly SourceChoice[];
  /** Sources that could not be asked yet. */
  open: readonly ConnectionSource[];
  /** The answers of all sources so far. */
  answers: readonly SourceAnswer[];
}

/** The backends to count, and other backends of the same listeners that have traffic, for the sources to prove themselves on. */
export interface Offered {
  backends: readonly CountedBackend[];
  siblings: readonly CountedBackend[];
  /** Ports of the same pods past the load balancer, and of other pods. */
  inside?: { backends: readonly CountedBackend[]; siblings: readonly CountedBackend[] };
}

/**
 * Asks every source (or the named ones) which of the backends it can prove to count; given what was chosen `before`, only those
 * still open. Throws UsageError for a name that is no source, RefusedError when a named source cannot count, or a backend would
 * be counted by none.
 */
export async function chooseSources(
  world: World,
  offered: Offered,
  { sources: named, name }: Pick<TargetIntent & ZeroIntent, 'sources' | 'name'>,
  before?: Chosen,
): Promise<Chosen> {
  const candidates = pickSources(world.sources, named);
  const asked = before?.open ?? candidates;
  const fresh = await Promise.all(asked.map((source) => askSource(world, source, offered, named)));
  const answers = candidates.flatMap(
    ({ name }) => [...fresh, ...(before?.answers ?? [])].find((each) => each.name === name) ?? [],
  );
  const refusals = [
    ...countableRefusals(answers, offered.backends),
    ...insideRefusals(candidates, answers, offered, name),
  ];
  if (refusals.length > 0) throw new RefusedError(refusals);
  const counting = asked.map((source): Assignment => {
    const { answer = [], inside = [] } = fresh.find((each) => each.name === source.name) ?? {};
    const backends = countableOf(answer);
    const ports = new Set(backends.map(podPort));
    // A port that it counts as a listener's is not counted twice.
    return {
      source,
      backends: [...backends, ...countableOf(inside).filter((backend) => !ports.has(podPort(backend)))],
    };
  });
  return {
    assignments: [...(before?.assignments ?? []), ...counting.filter(({ backends }) => backends.length > 0)],
    sources: answers.map(choiceOf),
    open: asked.filter(({ name }) => fresh.some((each) => each.name === name && each.passing !== undefined)),
    answers,
  };
}

const countableOf = (answer: readonly Countability[]): CountedBackend[] =>
  answer.filter((each) => each.countable).map((each) => each.backend);

/** Waits for every port that a source may still count. */
function insideRefusals(
  candidates: readonly ConnectionSource[],
  answers: readonly SourceAnswer[],
  { inside }: Offered,
  name: string,
): Refusal[] {
  const mayStill = candidates.some(
    (source) => source.countsInside && answers.some((each) => each.name === source.name && each.passing !== undefined),
  );
  if (mayStill) return [];
  return uncountedRule(uncountedInside(answers, inside?.backends ?? []), name, uncountedBecause(answers));
}

/** The answer of one source; an error that may be temporary is part of the answer, every other one is thrown. */
export async function askSource(
  { signal }: World,
  source: ConnectionSource,
  { backends, siblings, inside = NOTHING_INSIDE }: Offered,
  named: readonly string[] | undefined,
): Promise<SourceAnswer> {
  const { name } = source;
  const asked = named !== undefined || source.asked === true;
  const past = source.countsInside ? inside : NOTHING_INSIDE;
  try {
    const all = await source.prove([...backends, ...past.backends], [...siblings, ...past.siblings], { signal });
    return {
      name,
      answer: all.filter(({ backend }) => backend.inside === undefined),
      ...(source.countsInside ? { inside: all.filter(({ backend }) => backend.inside !== undefined) } : {}),
      asked,
    };
  } catch (error) {
    if (signal.aborted || !isPassing(error)) throw error;
    return { name, answer: [], passing: error.message, asked };
  }
}

/** Throws UsageError for a name that is no source. */
export function pickSources(
  sources: readonly ConnectionSource[],
  named: readonly string[] | undefined,
): readonly ConnectionSource[] {
  if (named === undefined) return sources;
  const known = sources.map((source) => source.name);
  const unknown = named.filter((name) => !known.includes(name));
  if (unknown.length > 0)
    throw new UsageError(`unknown source "${unknown.join(',')}"`, `accepted by --source: ${known.join(', ')}`);
  return sources.filter((source) => named.includes(source.name));
}
