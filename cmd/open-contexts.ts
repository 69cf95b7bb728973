/** `--context a,b`: the worlds of several clusters, of which one that cannot be opened does not hide the others. */
import { UsageError } from '../lib/core/errors.ts';
import { NoContextError } from '../lib/kube/config/connection-plan.ts';
import type { NamedCluster, World } from '../lib/ports.ts';
import type { Context, CountingFlags, OpenWorld, WorldOptions } from './context.ts';

/** The names of a list divided by commas, each once. Throws UsageError for an empty one among others: it would be the current context. */
export function contextsOf(list: string): string[] {
  const names = list.split(',').map((each) => each.trim());
  if (names.length > 1 && names.includes(''))
    throw new UsageError(
      `--context ${JSON.stringify(list)} has an empty name`,
      `--context ${names.filter((name) => name !== '').join(',') || 'north,south'}`,
    );
  return [...new Set(names)];
}

/** The clusters of a list divided by commas; a context may have commas in its name, and is one then. Throws what opening the only one throws, or the first where none opens. */
export async function openContexts(openWorld: Context['openWorld'], options: WorldOptions): Promise<OpenWorld> {
  const asked = options.connection.context ?? '';
  let failure: unknown;
  try {
    return await openWorld(options);
  } catch (error) {
    if (!asked.includes(',')) throw error;
    failure = error;
  }
  const contexts = contextsOf(asked);
  const each = await Promise.all(
    contexts.map(async (context): Promise<Opened> => {
      try {
        return { context, open: await openWorld({ ...options, connection: { ...options.connection, context } }) };
      } catch (error) {
        return { context, error };
      }
    }),
  );
  const opened = each.flatMap((one) => ('open' in one ? [one.open] : []));
  if (opened.length === 0) throw each.flatMap((one) => ('error' in one ? [one.error] : []))[0] ?? failure;
  const worldOf = async (find: (open: OpenWorld) => World | Promise<World>): Promise<World> => {
    const clusters = await Promise.all(
      each.map(
        async (one): Promise<NamedCluster> =>
          'open' in one ? { context: one.context, world: await find(one.open) } : one,
      ),
    );
    const [first] = clusters.flatMap((cluster) => ('world' in cluster ? [cluster.world] : []));
    if (first === undefined) throw failure;
    first.clusters = clusters;
    return first;
  };
  return {
    world: await worldOf(({ world }) => world),
    counting: (flags: CountingFlags) => worldOf(async (open) => (await open.counting?.(flags)) ?? open.world),
    wrote: () => opened.some((open) => open.wrote?.() ?? false),
    async close() {
      await Promise.all(opened.map((open) => open.close()));
    },
  };
}

/** For a verb that works in one cluster. Throws UsageError for a list of contexts. */
export async function openOneContext(
  verb: string,
  openWorld: Context['openWorld'],
  options: WorldOptions,
): Promise<OpenWorld> {
  try {
    return await openWorld(options);
  } catch (error) {
    const { context: asked = '' } = options.connection;
    if (!(error instanceof NoContextError) || !asked.includes(',')) throw error;
    throw new UsageError(
      `${verb} takes one context, and --context ${JSON.stringify(asked)} is none of the kubeconfig`,
      `one at a time: --context ${contextsOf(asked)[0]}`,
    );
  }
}

type Opened = { context: string } & ({ open: OpenWorld } | { error: unknown });
