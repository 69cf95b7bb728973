/** Connects flows to the real world: the cluster at once, the cloud only when a flow first asks it something. */
import { homedir } from 'node:os';
import { StatusError } from '../../lib/core/errors.ts';
import { connectKube } from '../../lib/kube/connect-kube.ts';
import { userAgent } from '../../lib/kube/wire/user-agent.ts';
import { NODES } from '../../lib/ports/resources.ts';
import type { Kube, LoadBalancer, World } from '../../lib/ports.ts';
import { watchWrites } from '../../lib/recording/write-watch.ts';
import type { SourceSurroundings } from '../../lib/sources/define-source.ts';
import type { CountingFlags, OpenWorld, WorldOptions } from '../context.ts';
import { SOURCES } from '../flags/source-flags.ts';
import { versionText } from '../show/version-text.ts';
import { systemClock } from './clock.ts';
import { laxTlsWarning } from './lax-tls.ts';
import { lazySource, once } from './lazy-source.ts';
import { placeMark } from './lease-holder.ts';
import { operatorName } from './operator.ts';

/** A restarting API server is back within this time; --request-timeout sets another. */
const PATIENCE_MS = 30_000;

/** Throws ConnectionError when the configuration names no usable cluster. Nothing is sent yet. */
export async function openWorld(
  { connection, cloud, env, report, signal, interactive }: WorldOptions,
  people: Pick<World, 'leaseHolder' | 'confirm'> = {},
): Promise<OpenWorld> {
  const trace = (level: number, line: string) => report.trace(level, line);
  const tell = (line: string) => report.progress(line);
  const { verbosity } = report;
  const { confirm } = people;
  /** A line that is still being rewritten would stand before the question. */
  const asking = (ask: NonNullable<World['confirm']>) => (question: string) => {
    report.close();
    return ask(question);
  };
  const lax = laxTlsWarning(env);
  if (lax !== undefined) report.warn(lax);
  const connected = await connectKube({
    flags: connection,
    env,
    interactive,
    trace,
    verbosity,
    warn: (line) => report.warn(line),
    patienceMs: PATIENCE_MS,
    tell,
    userAgent: userAgent((await versionText()).replace(/^v/, '')),
  });
  const first = watchWrites(connected);
  const watched = [first];
  const { kube } = first;
  const loadCloud = once(async () => {
    const { connectCloud } = await import('../../lib/clb/connect-cloud.ts');
    return connectCloud({ env, flags: cloud, homeDir: homedir(), clock: systemClock, trace, verbosity, tell });
  });
  const balancer = once(async () => {
    const { createLoadBalancer } = await import('../../lib/clb/clb-load-balancer.ts');
    return createLoadBalancer(await loadCloud(), systemClock, { nodeLabels: nodeLabelsOf(kube, trace) });
  });
  const worldWith = (counting: CountingFlags | undefined, kube: Kube): World => {
    const surroundings: SourceSurroundings = {
      kube,
      clock: systemClock,
      cloud: loadCloud,
      mayWrite: counting?.mayWrite ?? false,
      warn: (line) => report.warn(line),
    };
    return {
      kube,
      balancer: lazyBalancer(balancer),
      sources: SOURCES.filter(({ forGlances }) => forGlances || counting !== undefined).map((source) =>
        lazySource(source, counting?.flags ?? {}, surroundings),
      ),
      clock: systemClock,
      // A look at the machine's users, which verbs that only read can do without.
      get operator() {
        return operatorName(env);
      },
      get machine() {
        return placeMark();
      },
      report,
      signal,
      place: { context: connected.context, server: connected.serverUrl },
      within(namespace, flags = counting?.flags) {
        const other = watchWrites(connected.within(namespace));
        watched.push(other);
        return worldWith(flags && { mayWrite: counting?.mayWrite ?? false, flags }, other.kube);
      },
      ...people,
      ...(confirm === undefined ? {} : { confirm: asking(confirm) }),
    };
  };
  return {
    world: worldWith(undefined, kube),
    counting: (counting) => worldWith(counting, kube),
    wrote: () => watched.some(({ wrote }) => wrote()),
    close: () => connected.close(),
  };
}

const lazyBalancer = (load: () => Promise<Required<LoadBalancer>>): LoadBalancer => ({
  observe: async (ref, options) => (await load()).observe(ref, options),
  bindingsOf: async (ref, addresses, options) => (await load()).bindingsOf(ref, addresses, options),
  tryActions: async (ref, options) => (await load()).tryActions(ref, options),
});

/** Labels of the nodes, which may name the region. Without permission to list nodes there are none, and the error asks for the region. */
const nodeLabelsOf =
  (kube: Kube, trace: (level: number, line: string) => void) =>
  async ({ signal }: { signal?: AbortSignal | undefined }) => {
    try {
      const { items } = await kube.list(NODES, signal === undefined ? {} : { signal });
      return items.map(({ metadata }) => metadata.labels ?? {});
    } catch (error) {
      if (!(error instanceof StatusError) || error.httpStatus !== 403) throw error;
      trace(1, `the nodes do not give the region: ${error.message}`);
      return [];
    }
  };
