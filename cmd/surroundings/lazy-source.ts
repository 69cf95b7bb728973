/** A source of connection counts as verbs ask it: known by what its definition says, and made at its first question. */
import type { ConnectionSource } from '../../lib/ports.ts';
import type { SourceDefinition, SourceSurroundings } from '../../lib/sources/define-source.ts';

/** Nothing is loaded until something is to be counted. */
export function lazySource(
  definition: SourceDefinition,
  flags: Readonly<Record<string, unknown>>,
  surroundings: SourceSurroundings,
): ConnectionSource {
  const load = once(() => definition.create(surroundings, flags));
  return {
    name: definition.name,
    asked: definition.asked(flags, surroundings),
    forGlances: definition.forGlances,
    countsInside: definition.countsInside,
    ...(definition.countsBy === undefined ? {} : { countsBy: definition.countsBy(flags) }),
    prove: async (backends, siblings, options) => (await load()).prove(backends, siblings, options),
    read: async (backends, sinceMs, options) => (await load()).read(backends, sinceMs, options),
  };
}

/** Loads at most once; a failed load is tried again by the next caller. */
export function once<T>(load: () => Promise<T>): () => Promise<T> {
  let loading: Promise<T> | undefined;
  return () => {
    loading ??= load().catch((error: unknown) => {
      loading = undefined;
      throw error;
    });
    return loading;
  };
}
