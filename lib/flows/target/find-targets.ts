/** The targets of a verb that looks at several: those named, those with labels, or all that a load balancer sends to; in one namespace or all, in one cluster or more. */
import { StatusError, UsageError, ZerolossError } from '../../core/errors.ts';
import { selectionOf, selects } from '../../core/facts/selection.ts';
import { readService } from '../../core/facts/service-facts.ts';
import type { Asked, TargetPlace } from '../../core/intent/target-place.ts';
import { readWorkload } from '../../core/rollout/workload.ts';
import { readStatefulSet } from '../../core/target/stateful-set-facts.ts';
import type { CheckTarget } from '../../core/target/target.ts';
import { advice, kubectl, lines } from '../../core/values/command.ts';
import { text } from '../../core/values/read.ts';
import { overriding } from '../../ports/overriding.ts';
import { DEPLOYMENTS, SERVICES, STATEFUL_SETS } from '../../ports/resources.ts';
import type { KubeObject, ListOptions, Resource, World } from '../../ports.ts';

/** One of them, and the world to look at it in. */
export interface FoundTarget extends CheckTarget {
  place: TargetPlace;
  world: World;
}

/** A cluster in which nothing could be looked for. */
export interface Unreached {
  context: string;
  error: ZerolossError;
}

/** As `-o json` has it. */
export const unreachedData = ({ context, error }: Unreached) => ({ context, message: error.message });

const ALL_NAMESPACES = '*';

/**
 * In the order of the clusters, and there in that of the command line, or by namespace and name. Throws UsageError when nothing
 * is found anywhere, and what a cluster throws that is the only one.
 */
export async function findTargets(
  world: World,
  asked: Asked,
  { deployments }: { deployments: boolean },
): Promise<{ found: readonly FoundTarget[]; unreached: readonly Unreached[] }> {
  const clusters = world.clusters ?? [{ context: world.place?.context ?? '', world }];
  const each = await Promise.all(
    clusters.map(async (cluster) => {
      const { context } = cluster;
      try {
        if ('error' in cluster) throw cluster.error;
        const inner = cluster.world === world ? world : inCluster(world, cluster.world);
        return { found: await inOne(inner, context, asked, deployments) };
      } catch (error) {
        world.signal.throwIfAborted();
        if (clusters.length === 1 || !(error instanceof ZerolossError)) throw error;
        return { unreached: { context, error } };
      }
    }),
  );
  const found = each.flatMap((one) => one.found ?? []);
  const unreached = each.flatMap((one) => one.unreached ?? []);
  if (found.length === 0 && unreached.length === 0) throw nothingFound(world, asked, deployments);
  return { found, unreached };
}

async function inOne(world: World, context: string, asked: Asked, deployments: boolean): Promise<FoundTarget[]> {
  const { kube, signal } = world;
  const { targets, selector, everywhere = false } = asked;
  if (targets.length > 0) {
    const place = { context, namespace: kube.namespace };
    return targets.map((target) => ({ ...target, place, world }));
  }
  const options = {
    signal,
    ...(everywhere ? { namespace: ALL_NAMESPACES } : {}),
    ...(selector === undefined ? {} : { labelSelector: selector }),
  };
  const list = everywhere ? listEverywhere : listHere;
  const sets = await list(world, STATEFUL_SETS, options);
  const others = deployments ? await deploymentsIfAllowed(world, options) : [];
  const all = [
    ...sets.map((object) => ({ object, kind: undefined })),
    ...others.map((object) => ({ object, kind: 'deployment' as const })),
  ];
  // Labels were chosen by a person; all namespaces hold databases and agents too, which no load balancer sends to.
  const services =
    everywhere && selector === undefined
      ? await listEverywhere(world, SERVICES, { signal, namespace: ALL_NAMESPACES })
      : undefined;
  const balanced = services === undefined ? all : all.filter(({ object, kind }) => isBalanced(object, kind, services));
  if (balanced.length < all.length)
    world.report.progress(
      `${all.length - balanced.length} left out: no Service of type LoadBalancer selects their pods`,
    );
  return balanced
    .map(({ object, kind }): FoundTarget => {
      const namespace = object.metadata.namespace ?? kube.namespace;
      return {
        name: object.metadata.name,
        ...(kind === undefined ? {} : { kind }),
        place: { context, namespace },
        world: namespace === kube.namespace ? world : inNamespace(world, namespace),
      };
    })
    .sort((a, b) => compare(a.place.namespace, b.place.namespace) || compare(a.name, b.name));
}

const listHere = async ({ kube }: World, resource: Resource, options: ListOptions): Promise<readonly KubeObject[]> =>
  (await kube.list(resource, options)).items;

/** Throws, for who may list them in some namespaces alone, how all of them are granted. */
async function listEverywhere(world: World, resource: Resource, options: ListOptions): Promise<readonly KubeObject[]> {
  try {
    return await listHere(world, resource, options);
  } catch (error) {
    if (!(error instanceof StatusError) || error.httpStatus !== 403) throw error;
    const apply = kubectl('apply', '-n', world.kube.namespace, '-f', 'deploy/rbac.yaml').byAdministrator();
    throw error.inWhole({
      hint: lines(
        advice`-A lists ${resource.plural} in all namespaces, and you may not; in one namespace: -n and names, or -l`,
        advice`ask an administrator: ${apply.note('then bind ClusterRole kubectl-zeroloss-look-everywhere to your user: see the end of that file')}`,
      ),
    });
  }
}

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

/** Whether a Service of type LoadBalancer selects its pods, those that are to come. */
function isBalanced(object: KubeObject, kind: 'deployment' | undefined, services: readonly KubeObject[]): boolean {
  const here = services
    .filter(({ metadata }) => metadata.namespace === object.metadata.namespace)
    .filter((service) => text(service, 'spec', 'type') === 'LoadBalancer');
  if (kind === undefined) {
    const set = readStatefulSet(object);
    return here.map(readService).some((service) => selectionOf(service, set, []) !== undefined);
  }
  const { templateLabels } = readWorkload(kind, object);
  return here.some((service) => selects(readService(service), { labels: templateLabels }));
}

/** Without permission to list them there are none, with a warning: what is asked for may be StatefulSets alone. */
async function deploymentsIfAllowed({ kube, report }: World, options: ListOptions): Promise<readonly KubeObject[]> {
  try {
    return (await kube.list(DEPLOYMENTS, options)).items;
  } catch (error) {
    if (!(error instanceof StatusError) || error.httpStatus !== 403) throw error;
    report.warn(`Deployments cannot be listed, and are left out: ${error.message}`);
    return [];
  }
}

/** The reporter, the signal and the clock of the run, with everything of another cluster. */
function inCluster(world: World, { kube, balancer, sources, place, within }: World): World {
  return overriding(world, { kube, balancer, sources, ...(place && { place }), ...(within && { within }) });
}

function inNamespace(world: World, namespace: string): World {
  const inner = world.within?.(namespace);
  if (inner === undefined) throw new Error(`a world without a way into namespace ${namespace}`);
  return inCluster(world, inner);
}

function nothingFound(world: World, { selector, everywhere }: Asked, deployments: boolean): UsageError {
  const kinds = deployments ? 'StatefulSet or Deployment' : 'StatefulSet';
  const where = everywhere ? 'any namespace' : `namespace ${world.kube.namespace}`;
  const which =
    selector === undefined
      ? 'is selected by a Service of type LoadBalancer'
      : `has the labels ${JSON.stringify(selector)}`;
  return new UsageError(
    `no ${kinds} of ${where} ${which}`,
    kubectl('get', 'statefulsets', '--show-labels', ...(everywhere ? ['-A'] : ['-n', world.kube.namespace])),
  );
}
