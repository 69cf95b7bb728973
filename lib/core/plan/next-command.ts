/** The command that goes on from where a StatefulSet stands; empty where nothing is going on. */

import type { Facts } from '../facts/facts.ts';
import { advisedDrain, type SeenServing } from '../safety/advised-drain.ts';
import { intersection, without } from '../target/ordinals.ts';
import { isOutdated, isStuck, podsAt } from '../target/pod.ts';
import { ordinalsOf } from '../target/stateful-set-facts.ts';
import { formerReplicas, surplusOrdinals } from '../target/surplus.ts';
import { type CommandAdvice, kubectl, own } from '../values/command.ts';

/**
 * One at most; where a pod of the batch does not start, what shows why and the way back. `seen`: the facts that a drain is judged
 * by; undefined: they are not known.
 */
export function nextCommands(facts: Facts, seen?: SeenServing): CommandAdvice[] {
  const { set, pods, drainSet, bookkept } = facts;
  const surplus = surplusOrdinals(set);
  const outdated = pods.filter((pod) => isOutdated(pod, set)).map((pod) => pod.ordinal);
  if (intersection(drainSet, without(outdated, surplus)).length > 0) return [own('wait-zero', set.name)];
  const stuck = podsAt(pods, drainSet).filter((pod) => isStuck(pod) && !pod.ready && !pod.terminating);
  if (stuck.length > 0 && bookkept)
    return [
      kubectl('describe', 'pod', ...stuck.map(({ name }) => name)).note('shows why it does not start'),
      own('rollback', set.name).note('the way back'),
    ];
  const ready = pods.filter((pod) => pod.ready).map((pod) => pod.ordinal);
  const batch = intersection(without(drainSet, surplus), ordinalsOf(set));
  if (without(batch, ready).length > 0 && bookkept) return [own('recreate', set.name)];
  if (without(drainSet, surplus).length > 0 && bookkept) return [own('advance', set.name)];
  if (without(outdated, surplus).length > 0) return [own('upgrade', set.name)];
  // restore scales no pod away that still gets new connections.
  const lit = without(surplus, drainSet);
  if (formerReplicas(set) !== undefined && lit.length > 0) return [advisedDrain(facts, lit, seen)];
  if (formerReplicas(set) === undefined && !bookkept) return [];
  const restore = own('restore', set.name);
  return [facts.canaries.size === 0 ? restore : restore.note('all of its weight at once, for the canary too')];
}

/** The drain that an upgrade begins with, of `count` outdated pods; the plan where no pod is outdated. */
export function firstDrain(facts: Facts, seen: SeenServing | undefined, count = 1): CommandAdvice {
  const { set, pods } = facts;
  const outdated = pods.filter((pod) => isOutdated(pod, set)).map((pod) => pod.ordinal);
  const due = without(outdated, surplusOrdinals(set)).slice(0, count);
  return due.length === 0 ? own('plan', set.name) : advisedDrain(facts, due, seen);
}
