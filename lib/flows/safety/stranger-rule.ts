/** The rule about pods of the target's names that are not its own, with a look by name at those that its selector does not find. */

import { type Refusal, RefusedError, StatusError } from '../../core/errors.ts';
import type { Facts } from '../../core/facts/facts.ts';
import type { KubeObject } from '../../core/facts/kube-object.ts';
import { strangerRule, strangersNamed } from '../../core/facts/strangers.ts';
import { intersection, ordinalSet, without } from '../../core/target/ordinals.ts';
import { type PodFacts, podsAt } from '../../core/target/pod.ts';
import { ordinalsOf } from '../../core/target/stateful-set-facts.ts';
import type { Advice } from '../../core/values/command.ts';
import { PODS } from '../../ports/resources.ts';
import type { World } from '../../ports.ts';

/** Above this, one list of the namespace's pods costs less than a request for each. */
const MOST_BY_NAME = 10;

/** Refuses what would take traffic from pods that no floor counts. Throws StatusError. */
export const strangerRefusals = async (world: World, facts: Facts): Promise<Refusal[]> =>
  strangerRule({ set: facts.set, strangers: await findStrangers(world, facts) });

/**
 * The pods that go with these ordinals, each of them the StatefulSet's own. An ordinal without one has no pod at all: throws
 * RefusedError where it has a pod of another owner, whose connections are not counted and which the controller deletes once it adopts it.
 */
export async function goingPods(
  world: World,
  facts: Facts,
  ordinals: readonly number[],
  instead?: Advice,
): Promise<PodFacts[]> {
  const strangers = intersection(ordinals, await findStrangers(world, facts, ordinals));
  const refusals = strangerRule({ set: facts.set, strangers });
  if (refusals.length > 0) throw new RefusedError(refusals, instead);
  return podsAt(facts.pods, ordinals);
}

/**
 * Ordinals whose pod is there and is not the StatefulSet's own, whatever its labels: one that was made anew with another selector
 * lists none of the pods that it was deleted without. Where every ordinal has a pod of its own it asks nothing. `among`: only those
 * are asked for by name. Throws StatusError.
 */
export async function findStrangers(
  world: World,
  { set, pods, strangers }: Facts,
  among: readonly number[] = ordinalsOf(set),
): Promise<readonly number[]> {
  const seen = new Set([...pods.map(({ ordinal }) => ordinal), ...strangers]);
  const missing = without(among, [...seen]);
  if (missing.length === 0) return strangers;
  const names = missing.map((ordinal) => `${set.name}-${ordinal}`);
  return ordinalSet([...strangers, ...strangersNamed(await readNamed(world, names), set, missing)]);
}

/** Those that are there. */
async function readNamed(world: World, names: readonly string[]): Promise<readonly KubeObject[]> {
  const { kube, signal } = world;
  const all = async () => (await kube.list(PODS, { signal })).items;
  if (names.length > MOST_BY_NAME) return all();
  const found: KubeObject[] = [];
  for (const name of names) {
    try {
      found.push(await kube.get(PODS, name, { signal }));
    } catch (error) {
      const status = error instanceof StatusError ? error.httpStatus : undefined;
      // The Role of a Job names the pods that there were when it was made.
      if (status === 403) return all();
      if (status !== 404) throw error;
    }
  }
  return found;
}
