/** `--context a,b`: the worlds of several clusters, of which one that cannot be opened does not hide the others. */
import type { NamedCluster, World } from '../lib/ports.ts';
import type { Context, CountingFlags, OpenWorld, WorldOptions } from './context.ts';

/** The clusters of a list divided by commas; a context may have commas in its name, and is one then. Throws what opening the only one throws, or the first where none opens. */
export async function openContexts(openWorld: Context['openWorld'], options: WorldOptions): Promise<OpenWorld> {
  const asked = options.connection.context ?? '';
  const contexts = [...new Set(asked.split(',').map((each) => each.trim()))];
  let failure: unknown;
  try {
    return await openWorld(options);
  } catch (error) {
    if (contexts.length < 2) throw error;
    failure = error;
  }
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

type Opened = { context: string } & ({ open: OpenWorld } | { error: unknown });
