/** Invariants 2 and 3, of each write to a Service: the floor, and what belongs to somebody else. */
import { isDeepStrictEqual } from 'node:util';
import { POD_DISRUPTION_BUDGETS, PODS, STATEFUL_SETS } from '../../../lib/ports/resources.ts';
import type { KubeObject, Resource } from '../../../lib/ports.ts';
import { asMap, asMaps, asText } from '../../../sandbox/semantics/json.ts';
import { DEFAULT_FLOOR } from '../world/defaults.ts';
import { documentOf, RS_WEIGHT, weightOf } from '../world/service-controller.ts';
import { type Stage, TARGET } from '../world/stage.ts';

/** The load balancers as a run last saw them: `listener address` of those that serve. */
export interface Seen {
  serving: ReadonlySet<string>;
  healthy: ReadonlySet<string>;
  going: ReadonlySet<string>;
  /** The pods of then: another writer may have scaled one away since, and no writer can know of that. */
  pods: readonly KubeObject[];
  replicas: number;
  budget: number;
}

export function lookNow({ api, balancers }: Stage): Seen {
  const backends = balancers.listeners.flatMap((listener) =>
    [...listener.backends.values()].map((backend) => ({ key: `${listener.id} ${backend.address}`, backend })),
  );
  const healthy = backends.filter(({ backend }) => balancers.healthOf(backend) === 'alive');
  const all = (resource: Resource): readonly KubeObject[] => api.list(resource);
  const pods = all(PODS);
  return {
    healthy: new Set(healthy.map(({ key }) => key)),
    serving: new Set(healthy.filter(({ backend }) => backend.weight > 0).map(({ key }) => key)),
    pods,
    going: goingOf(pods),
    replicas: replicasOf(all(STATEFUL_SETS)),
    budget: budgetOf(all(POD_DISRUPTION_BUDGETS)),
  };
}

const target = (objects: readonly KubeObject[]): KubeObject | undefined =>
  objects.find(({ metadata }) => metadata.name === TARGET);

/** The names of the pods that are being deleted. */
export const goingOf = (pods: readonly KubeObject[]): ReadonlySet<string> =>
  new Set(pods.flatMap(({ metadata }) => (metadata.deletionTimestamp === undefined ? [] : metadata.name)));

/** The replicas of the target among these StatefulSets; 0 without it. */
export const replicasOf = (sets: readonly KubeObject[]): number =>
  Number(asMap(target(sets)?.['spec'])['replicas'] ?? 0);

/** The pods that the target's budget among these wants healthy; 0 without one. */
export const budgetOf = (budgets: readonly KubeObject[]): number =>
  Number(asMap(target(budgets)?.['status'])['desiredHealthy'] ?? 0);

/** Why the write takes the Service below the floor that its writer could know of; undefined: it does not. */
export function belowFloor(
  stage: Stage,
  before: KubeObject,
  after: KubeObject,
  seen: Seen,
  asked: number | undefined,
): string | undefined {
  const [was, is] = [before, after].map((each) => documentOf(each.metadata.annotations?.[RS_WEIGHT]));
  const { pods } = seen;
  for (const listener of stage.balancers.listeners.filter(({ service }) => service === before.metadata.name)) {
    const weight = (document: typeof was, pod: KubeObject): number =>
      weightOf(document, listener.carrier, listener.port, pod.metadata.name);
    const taken = pods.filter((pod) => weight(was, pod) > 0 && weight(is, pod) === 0);
    if (taken.length === 0) continue;
    const serving = pods.filter((pod) => {
      if (weight(is, pod) === 0 || seen.going.has(pod.metadata.name)) return false;
      const key = `${listener.id} ${asText(asMap(pod['status'])['podIP'])}`;
      return seen.serving.has(key) || (weight(was, pod) === 0 && seen.healthy.has(key));
    });
    const leaves = taken.some(({ metadata, ...pod }) => {
      const key = `${listener.id} ${asText(asMap((pod as KubeObject)['status'])['podIP'])}`;
      return !seen.going.has(metadata.name) && seen.serving.has(key);
    });
    const usual = stage.setting.defaults === 'floor' ? DEFAULT_FLOOR : 0.5;
    const floor =
      asked === undefined ? Math.max(Math.ceil(usual * seen.replicas), seen.budget) : Math.ceil(asked * seen.replicas);
    if (leaves && serving.length < floor)
      return `service/${before.metadata.name} ${listener.port}: ${serving.length} serve after ${taken.map(({ metadata }) => metadata.name).join(', ')} are drained, the floor is ${floor}`;
  }
  return undefined;
}

/** Of the annotation what is not this StatefulSet's, group by group. */
function others(text: string | undefined): unknown {
  const document = documentOf(text) ?? { unreadable: text };
  const groups = asMaps(document['groups']).map((group) => ({
    ...group,
    statefulSets: asMaps(group['statefulSets']).filter(({ name }) => name !== TARGET),
  }));
  return { ...document, groups: groups.filter(({ statefulSets }) => statefulSets.length > 0) };
}

const withoutOwn = (annotations: Readonly<Record<string, string>> = {}): Record<string, string> =>
  Object.fromEntries(
    Object.entries(annotations).filter(([key]) => key !== RS_WEIGHT && !key.includes('kubectl-zeroloss/')),
  );

/** The part of another writer that a write of ours has changed; undefined: none. */
export function takenFromOthers(before: KubeObject, after: KubeObject): string | undefined {
  const [was, is] = [before.metadata.annotations, after.metadata.annotations];
  const name = `service/${before.metadata.name}`;
  if (!isDeepStrictEqual(withoutOwn(was), withoutOwn(is))) return `${name}: annotations of others changed`;
  if (!isDeepStrictEqual(before.metadata.labels, after.metadata.labels)) return `${name}: labels changed`;
  if (!isDeepStrictEqual(before['spec'], after['spec'])) return `${name}: the spec changed`;
  const [theirs, left] = [others(was?.[RS_WEIGHT]), others(is?.[RS_WEIGHT])] as Record<string, unknown>[];
  if (!isDeepStrictEqual(theirs?.['groups'], left?.['groups']))
    return `${name}: weights of another StatefulSet changed`;
  const [given, kept] = [theirs, left].map((each) => each?.['defaultWeight'] ?? 10);
  return given === kept ? undefined : `${name}: defaultWeight ${String(given)} became ${String(kept)}`;
}

/** Pods whose weight a write that gives weights back has lowered. */
export function loweredBy(stage: Stage, before: KubeObject, after: KubeObject): string[] {
  const [was, is] = [before, after].map((each) => documentOf(each.metadata.annotations?.[RS_WEIGHT]));
  return stage.balancers.listeners
    .filter(({ service }) => service === before.metadata.name)
    .flatMap(({ carrier, port }) =>
      stage.api.list(PODS).flatMap(({ metadata: { name } }) => {
        const [from, to] = [was, is].map((document) => weightOf(document, carrier, port, name));
        return (to ?? 0) < (from ?? 0) ? [`${name} ${port}: ${from} to ${to}`] : [];
      }),
    );
}
