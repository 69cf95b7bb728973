/** Reads everything about a target that decisions rest on, afresh every time; nothing is trusted from an earlier run. */

import { StatusError } from '../../core/errors.ts';
import { type Facts, factsOf, type Unreadable } from '../../core/facts/facts.ts';
import { readService } from '../../core/facts/service-facts.ts';
import type { TargetIntent } from '../../core/intent/intent.ts';
import { withLeaving } from '../../core/target/leaving-nodes.ts';
import { readStatefulSet } from '../../core/target/stateful-set-facts.ts';
import { auditOf } from '../../core/target/target.ts';
import { type Advice, advice, kubectl } from '../../core/values/command.ts';
import { DEPLOYMENTS, PODS, SERVICES, STATEFUL_SETS } from '../../ports/resources.ts';
import type { KubeObject, Resource, World } from '../../ports.ts';

/** By a list of pods that cannot change: a world in memory answers with the same objects until one is written. */
const looks = new WeakMap<readonly KubeObject[], { parts: readonly unknown[]; facts: Facts }>();

/**
 * Throws StatusError when the StatefulSet is missing or may not be read, RefusedError when an annotation cannot be
 * understood. Read-only verbs pass `unreadable: 'report'` and get the refusals in `ServiceWeights.unreadable` instead.
 */
export async function gather(
  world: World,
  intent: TargetIntent,
  { unreadable = 'refuse' }: { unreadable?: Unreadable } = {},
): Promise<Facts> {
  const { kube, signal } = world;
  const object = await getStatefulSet(world, intent.name);
  const read = readStatefulSet(object);
  const set = intent.nodes === undefined ? read : withLeaving(read, intent.nodes);
  // One after the other: a second connection, with its handshake, takes longer than waiting for the first.
  const { items: found, unlisted } = await listServices(world, intent);
  const { items } = await kube.list(PODS, { labelSelector: set.selectorText, signal });
  const parts = [object, found, items, intent, unreadable];
  const before = looks.get(items);
  const isSame = before?.parts.every((part, index) => part === parts[index]) === true;
  const facts = isSame ? before.facts : anew();
  if (Object.isFrozen(items)) looks.set(items, { parts, facts });
  function anew(): Facts {
    const services = found.map(readService);
    const { services: named, leftBehind } = intent;
    return factsOf({ set, services, pods: items, unlisted }, { named, unreadable, leftBehind });
  }
  world.foundBalancers?.(facts.services.flatMap(({ service }) => service.balancerId ?? []));
  return facts;
}

export const readServices = async (world: World, intent: TargetIntent): Promise<readonly KubeObject[]> =>
  (await listServices(world, intent)).items;

/** Without permission to list Services, each named one is read by itself, and `unlisted` says why there are no others. */
async function listServices(
  world: World,
  { services }: TargetIntent,
): Promise<{ items: readonly KubeObject[]; unlisted?: string }> {
  const { kube, signal } = world;
  try {
    return { items: (await kube.list(SERVICES, { signal })).items };
  } catch (error) {
    if (!(error instanceof StatusError) || error.httpStatus !== 403) throw error;
    if (services !== undefined) {
      const items = await Promise.all(services.map((name) => kube.get(SERVICES, name, { signal })));
      return { items, unlisted: error.message };
    }
    throw new StatusError(error.httpStatus, error.reason, error.serverMessage, {
      message: error.message,
      hint: 'name the Services with --service a,b: reading each of them needs no permission to list them all',
    });
  }
}

/** With a hint where there is none of that name. Throws StatusError. */
export async function getStatefulSet(world: World, name: string) {
  try {
    return await world.kube.get(STATEFUL_SETS, name, { signal: world.signal });
  } catch (error) {
    if (!(error instanceof StatusError) || error.httpStatus !== 404) throw error;
    const hint = await meantBy(world, name);
    throw new StatusError(error.httpStatus, error.reason, error.serverMessage, { message: error.message, hint });
  }
}

/** The StatefulSet that a name probably names, as a hint. */
async function meantBy({ kube, signal }: World, name: string): Promise<string | Advice> {
  const exists = (type: Resource, called: string): Promise<boolean> =>
    kube.get(type, called, { signal }).then(
      () => true,
      () => false,
    );
  if (await exists(DEPLOYMENTS, name))
    return advice`"${name}" is a Deployment; zeroloss works on StatefulSets, whose pods keep their ordinal when they are replaced. A Deployment can be audited: ${auditOf(name)}`;
  const [, set, ordinal] = /^(.+)-(\d+)$/.exec(name) ?? [];
  if (set !== undefined && ordinal !== undefined && (await exists(STATEFUL_SETS, set)))
    return `"${name}" is the name of a pod: TARGET is ${set}, and ORDINALS, where a command takes them, are ${ordinal}`;
  return kubectl('get', 'statefulsets').note(`those of namespace ${kube.namespace}; another one: -n NAMESPACE`);
}
