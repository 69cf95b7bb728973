/** Names for completion, from the kubeconfig alone or from one or two requests; failures are silent. */

import { type Flags, flagName, type RawArguments } from '../../lib/cli/arguments.ts';
import { connectionFlags } from '../../lib/cli/connection-flags.ts';
import type { Candidate, Offers } from '../../lib/cli/flag.ts';
import { readWorkload } from '../../lib/core/rollout/workload.ts';
import { readStatefulSet } from '../../lib/core/target/stateful-set-facts.ts';
import { parseTarget } from '../../lib/core/target/target.ts';
import { field, list, number, text } from '../../lib/core/values/read.ts';
import { paintFor } from '../../lib/output/colour.ts';
import { createReporter } from '../../lib/output/live/reporter.ts';
import { DEPLOYMENTS, NAMESPACES, NODES, PODS, SERVICES, STATEFUL_SETS } from '../../lib/ports/resources.ts';
import type { Kube } from '../../lib/ports.ts';
import type { Host } from '../context.ts';
import { connectionOf } from '../flags/connection-of.ts';

const silent = createReporter({
  stream: { write: () => true },
  verbosity: 0,
  paint: paintFor(false),
  mask: (text) => text,
  live: false,
  now: () => 0,
});
const REVISION_LABEL = 'controller-revision-hash';

/** `given`: the flags of the line under the cursor. Every call rejects when the cluster cannot be asked, or on `signal`. */
export function createOffers(host: Host, given: RawArguments['flags'], signal: AbortSignal): Offers {
  const connection = connectionOf(readFlags(connectionFlags, given) as Parameters<typeof connectionOf>[0]);
  const names = async (part: 'contexts' | 'clusters' | 'users') => {
    const { loadKubeconfig } = await import('../../lib/kube/config/kubeconfig-load.ts');
    const { config } = await loadKubeconfig({ explicitFile: connection.kubeconfig, env: host.env });
    return [...config[part].keys()].sort().map((value) => ({ value }));
  };
  const asking = async (ask: (kube: Kube) => Promise<readonly Candidate[]>) => {
    // The shell reads the keys while a completion runs: a plugin that asked would eat them.
    const surroundings = { env: host.env, report: silent, signal, interactive: false };
    const { world, close } = await host.openWorld({ connection, cloud: {}, ...surroundings });
    try {
      return await ask(world.kube);
    } finally {
      await close();
    }
  };
  return {
    contexts: () => names('contexts'),
    clusters: () => names('clusters'),
    users: () => names('users'),
    namespaces: () =>
      asking(async (kube) =>
        (await kube.list(NAMESPACES, { signal })).items.map(({ metadata: { name } }) => ({ value: name })),
      ),
    statefulSets: () =>
      asking(async (kube) => {
        const { items } = await kube.list(STATEFUL_SETS, { signal });
        return items.map(readStatefulSet).map(({ name, replicas, updateStrategy }) => ({
          value: name,
          description: `${replicas} replicas, ${updateStrategy}`,
        }));
      }),
    deployments: () =>
      asking(async (kube) => {
        const { items } = await kube.list(DEPLOYMENTS, { signal });
        return items
          .map((item) => readWorkload('deployment', item))
          .map(({ name, replicas, strategy }) => ({ value: name, description: `${replicas} replicas, ${strategy}` }));
      }),
    services: () =>
      asking(async (kube) => {
        const { items } = await kube.list(SERVICES, { signal });
        const balanced = items.filter((item) => text(item, 'spec', 'type') === 'LoadBalancer');
        return balanced.map(({ metadata: { name } }) => ({ value: name }));
      }),
    nodes: () =>
      asking(async (kube) =>
        (await kube.list(NODES, { signal })).items.map((node) => ({
          value: node.metadata.name,
          ...(field(node, 'spec', 'unschedulable') === true ? { description: 'cordoned' } : {}),
        })),
      ),
    ordinals: (target) => asking((kube) => ordinalsOf(kube, target, signal)),
    ports: (target) => asking((kube) => portsOf(kube, target, signal)),
  };
}

async function portsOf(kube: Kube, target: readonly string[], signal: AbortSignal): Promise<readonly Candidate[]> {
  const set = await kube.get(STATEFUL_SETS, parseTarget(target).name, { signal });
  return list(set, 'spec', 'template', 'spec', 'containers').flatMap((container) =>
    list(container, 'ports')
      .filter((port) => (text(port, 'protocol') ?? 'TCP') === 'TCP')
      .map((port): Candidate => {
        const place = `${number(port, 'containerPort')}`;
        return { value: text(port, 'name') ?? place, description: `${place} of container ${text(container, 'name')}` };
      }),
  );
}

/** Every ordinal that the spec asks for, with what its pod runs. */
async function ordinalsOf(kube: Kube, target: readonly string[], signal: AbortSignal): Promise<readonly Candidate[]> {
  const { name } = parseTarget(target);
  const set = readStatefulSet(await kube.get(STATEFUL_SETS, name, { signal }));
  const pods = await kube.list(PODS, { signal, labelSelector: set.selectorText });
  const revisions = new Map(pods.items.map(({ metadata }) => [metadata.name, metadata.labels?.[REVISION_LABEL]]));
  return Array.from({ length: set.replicas }, (_, place) => {
    const ordinal = set.start + place;
    const revision = revisions.get(`${name}-${ordinal}`);
    const state = revision === set.updateRevision ? 'updated' : 'outdated';
    return { value: String(ordinal), description: revision === undefined ? 'no pod' : state };
  });
}

/** The values of `flags` as far as `given` can be read; a flag that cannot is as good as absent. */
function readFlags(flags: Flags, given: RawArguments['flags']): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(flags).map(([key, flag]) => {
      const name = flagName(key);
      try {
        return [key, flag.read(given.get(name) ?? [], name)];
      } catch {
        return [key, flag.read([], name)];
      }
    }),
  );
}
