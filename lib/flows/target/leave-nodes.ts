/** Pods leave a node: what the cluster says of it, and the bookkeeping on the StatefulSet that makes them due for every verb. */

import { type Refusal, RefusedError, StatusError } from '../../core/errors.ts';
import type { Facts } from '../../core/facts/facts.ts';
import type { TargetIntent } from '../../core/intent/intent.ts';
import { outcome } from '../../core/outcome/build-outcome.ts';
import type { Outcome } from '../../core/outcome/outcome.ts';
import { type ClaimedVolume, cordonedRule, hostNamesOf, volumeRule } from '../../core/safety/node-rules.ts';
import { LEAVING_NODES, leavingText } from '../../core/target/leaving-nodes.ts';
import type { PodFacts } from '../../core/target/pod.ts';
import { withSetFormat } from '../../core/target/set-format.ts';
import { ordinalsOf, readStatefulSet, type StatefulSetFacts } from '../../core/target/stateful-set-facts.ts';
import { claimsOf } from '../../core/target/surplus-volumes.ts';
import { type Known, known, unknown } from '../../core/values/known.ts';
import { text } from '../../core/values/read.ts';
import { NODES, PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES, STATEFUL_SETS } from '../../ports/resources.ts';
import type { KubeObject, World } from '../../ports.ts';
import { retryConflict } from '../guard/retry-conflict.ts';
import { softly } from '../guard/softly.ts';
import { writeEvent } from '../guard/write-event.ts';

/** The pods on the nodes that `--node` names. */
export const podsOnNodes = ({ pods }: Facts, { nodes = [] }: TargetIntent): PodFacts[] =>
  pods.filter(({ node }) => nodes.includes(node));

/** The reasons why these pods cannot leave their nodes. An unknown answer is refused. Without `nodes` of this run an earlier one has noted them. */
export async function nodeRefusals(
  world: World,
  { nodes }: Pick<TargetIntent, 'nodes'>,
  { set }: Facts,
  pods: readonly PodFacts[],
): Promise<Refusal[]> {
  const names = [...new Set(pods.map(({ node }) => node))].sort();
  const seen = await Promise.all(names.map(async (name) => ({ name, node: await readNode(world, name) })));
  const noted = nodes === undefined ? set.name : undefined;
  const cordoned = seen.flatMap(({ name, node }) => cordonedRule(name, node, noted));
  if (cordoned.length > 0) return cordoned;
  const hosts = new Set(seen.flatMap(({ node }) => (node.known && node.value ? hostNamesOf(node.value) : [])));
  return (await readVolumes(world, set, pods)).flatMap((each) => volumeRule(each, hosts));
}

/** As a list of one: the role of deploy/rbac.yaml may list nodes. */
const readNode = (world: World, name: string): Promise<Known<KubeObject | undefined>> =>
  softly(world, async () => {
    const { items } = await world.kube.list(NODES, { fieldSelector: `metadata.name=${name}`, signal: world.signal });
    return items.find(({ metadata }) => metadata.name === name);
  });

async function readVolumes(world: World, set: StatefulSetFacts, pods: readonly PodFacts[]): Promise<ClaimedVolume[]> {
  const { kube, signal } = world;
  const wanted = pods.flatMap((pod) =>
    [...new Set([...claimsOf(set, [pod.ordinal]), ...pod.claims])].map((claim) => ({ pod, claim })),
  );
  if (wanted.length === 0) return [];
  const claims = await softly(world, async () => (await kube.list(PERSISTENT_VOLUME_CLAIMS, { signal })).items);
  return Promise.all(
    wanted.map(async ({ pod, claim }): Promise<ClaimedVolume> => {
      if (!claims.known) return { pod, claim, volume: unknown(claims.because) };
      const found = claims.value.find(({ metadata }) => metadata.name === claim);
      const name = found === undefined ? undefined : text(found, 'spec', 'volumeName');
      if (name === undefined) return { pod, claim, volume: known(undefined) };
      return { pod, claim, volume: await softly(world, () => kube.get(PERSISTENT_VOLUMES, name, { signal })) };
    }),
  );
}

/** Names of the volumes that the pods claim now; none where the claims cannot be listed, and the pods are refused then. */
export async function claimedVolumes(world: World, { set, pods }: Facts): Promise<string[]> {
  const names = new Set([...claimsOf(set, ordinalsOf(set)), ...pods.flatMap(({ claims }) => claims)]);
  if (names.size === 0) return [];
  const { kube, signal } = world;
  const claims = await softly(world, async () => (await kube.list(PERSISTENT_VOLUME_CLAIMS, { signal })).items);
  const bound = (claims.known ? claims.value : []).filter(({ metadata }) => names.has(metadata.name));
  return bound.flatMap((claim) => text(claim, 'spec', 'volumeName') ?? []).sort();
}

/** A node that does not exist is a typing error, and not an empty node. Throws RefusedError. */
export async function refuseUnknownNodes(world: World, intent: TargetIntent): Promise<void> {
  const refusals = await unknownNodes(world, intent);
  if (refusals.length > 0) throw new RefusedError(refusals);
}

async function unknownNodes(world: World, { nodes = [] }: TargetIntent): Promise<Refusal[]> {
  const seen = await Promise.all(nodes.map(async (name) => ({ name, node: await readNode(world, name) })));
  return seen.flatMap(({ name, node }) => (node.known && node.value !== undefined ? [] : cordonedRule(name, node)));
}

/** The refusals that an upgrade would meet: nodes of `--node` that do not exist, and pods that are due for their node and cannot leave it. */
export async function leavingRefusals(world: World, intent: TargetIntent, facts: Facts): Promise<Refusal[]> {
  const unknown = await unknownNodes(world, intent);
  const leaving = facts.pods.filter((pod) => pod.leaves);
  return unknown.length > 0 || leaving.length === 0 ? unknown : nodeRefusals(world, intent, facts, leaving);
}

/** The pods on the nodes of `--node`. Throws RefusedError unless the nodes exist and all of the pods can leave. */
export async function podsToLeave(world: World, intent: TargetIntent, facts: Facts): Promise<PodFacts[]> {
  await refuseUnknownNodes(world, intent);
  const pods = podsOnNodes(facts, intent);
  const refusals = await nodeRefusals(world, intent, facts, pods);
  if (refusals.length > 0) throw new RefusedError(refusals);
  return pods;
}

/**
 * Notes the nodes of `--node`, so that every verb counts a pod there as due. Nothing is written on a dry run, without `--node`,
 * or twice. `seen`: what a floor was judged by. Throws StatusError 409 where the StatefulSet was scaled or made anew since then.
 */
export async function noteNodes(
  world: World,
  { name, nodes, dryRun }: TargetIntent,
  seen?: StatefulSetFacts,
): Promise<void> {
  if (nodes === undefined || dryRun !== 'none') return;
  const { kube, signal } = world;
  const what = `statefulset/${name}`;
  const written = await retryConflict(world, what, async () => {
    const set = readStatefulSet(await kube.get(STATEFUL_SETS, name, { signal }));
    if (seen !== undefined && (set.uid !== seen.uid || set.replicas !== seen.replicas)) return 'another';
    const noted = leavingText(set, nodes);
    if (set.annotations[LEAVING_NODES] === noted) return undefined;
    const annotations = withSetFormat(set, { [LEAVING_NODES]: noted });
    const patch = { metadata: { resourceVersion: set.resourceVersion, annotations } };
    await kube.patch(STATEFUL_SETS, name, patch, { type: 'merge', signal });
    return set;
  });
  if (written === 'another') throw new StatusError(409, 'Conflict', `${what} was scaled or made anew meanwhile`);
  if (written !== undefined)
    await writeEvent(world, written, 'ZerolossLeaving', `the pods leave node ${nodes.join(', ')}`);
}

/** The outcome of a verb where none of the nodes has a pod of the target. */
export const nothingThere = (verb: string, facts: Facts, intent: TargetIntent): Outcome =>
  outcome(verb, facts, intent, {
    results: [],
    message: `no pod of statefulset/${facts.set.name} is on node ${(intent.nodes ?? []).join(', ')}`,
  });
