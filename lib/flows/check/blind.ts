/** The findings of check when the StatefulSet, or an annotation of its Services, cannot be read. */
import { actionFindings, withKey } from '../../core/check/check-access.ts';
import { listenerFindings } from '../../core/check/check-balancer.ts';
import type { AskedAccess, CloudFacts } from '../../core/check/check-facts.ts';
import { platformFindings } from '../../core/check/check-platform.ts';
import { type Finding, some, warn } from '../../core/check/findings.ts';
import { selects } from '../../core/facts/selection.ts';
import { readService, type ServiceFacts } from '../../core/facts/service-facts.ts';
import type { CheckIntent } from '../../core/intent/intent.ts';
import { ordinalOf } from '../../core/target/ordinals.ts';
import { type Known, known, unknown } from '../../core/values/known.ts';
import { PODS } from '../../ports/resources.ts';
import type { BalancerState, World } from '../../ports.ts';
import { softly } from '../guard/softly.ts';
import { readServices } from '../target/gather.ts';
import { readControllerConfig } from './read-cluster.ts';
import { triedActions } from './tried-actions.ts';

/** Throws only on abort. Makes no finding that depends on the StatefulSet. */
export async function blindFindings(
  world: World,
  intent: CheckIntent,
  access: readonly AskedAccess[],
): Promise<Finding[]> {
  const services = await servicesMeant(world, intent);
  const found = services.known ? services.value : [];
  const [controller, balancers, actions] = await Promise.all([
    readControllerConfig(world),
    services.known ? softly(world, () => balancersOf(world, found)) : services,
    softly(world, () => triedActions(world, found)),
  ]);
  const platform = { access, actions, clockAheadMs: world.kube.clockAheadMs?.(), strays: intent.strays };
  return [
    ...(services.known ? [takenFrom(found)] : []),
    ...listenerFindings(withKey(balancers, actions)),
    ...platformFindings({ controller, services: found }, platform),
    ...actionFindings(actions),
  ];
}

const takenFrom = (services: readonly ServiceFacts[]): Finding =>
  warn(
    'services',
    'not-checked',
    `only the load balancers of ${some(services.map(({ name }) => `service/${name}`))} were read, and not which pods they bind`,
  );

/** Those of --service, else those that select a pod of that name: a StatefulSet's pods tell its labels too. */
async function servicesMeant(world: World, intent: CheckIntent): Promise<Known<readonly ServiceFacts[]>> {
  const { kube, signal } = world;
  const all = await softly(world, async () => (await readServices(world, intent)).map(readService));
  if (!all.known) return all;
  const balanced = all.value.filter(({ type }) => type === 'LoadBalancer');
  if (intent.services !== undefined) return someOr(balanced.filter(({ name }) => intent.services?.includes(name)));
  const pods = await softly(world, async () => (await kube.list(PODS, { signal })).items);
  if (!pods.known) return pods;
  const own = pods.value.filter(({ metadata }) => ordinalOf(metadata.name, intent.name) !== undefined);
  return someOr(
    balanced.filter((service) => own.some(({ metadata }) => selects(service, { labels: metadata.labels ?? {} }))),
  );
}

const someOr = (services: readonly ServiceFacts[]): Known<readonly ServiceFacts[]> =>
  services.length > 0
    ? known(services)
    : unknown('no Service of type LoadBalancer is known to lead to the pods; name it with --service');

/** Each load balancer of the Services, read once. Throws where a Service has none yet. */
export async function balancersOf(world: World, services: readonly ServiceFacts[]): Promise<CloudFacts['balancers']> {
  const reads = new Map<string, Promise<BalancerState>>();
  const bound = services.map(async (service) => {
    const { balancerId: id, region } = service;
    if (id === undefined) throw new Error(`service/${service.name} has no load balancer yet`);
    const ref = { id, ...(region === undefined ? {} : { region }) };
    const read = reads.get(id) ?? world.balancer.observe(ref, { signal: world.signal });
    reads.set(id, read);
    return { service, balancer: await read };
  });
  return await Promise.all(bound);
}
