/** The command that goes on from where a StatefulSet stands; empty where nothing is going on. */

import type { Facts } from '../facts/facts.ts';
import { wayBack } from '../outcome/way-back.ts';
import { advisedDrain, type SeenServing } from '../safety/advised-drain.ts';
import { formatOrdinals, intersection, ordinalsText, without } from '../target/ordinals.ts';
import { isOutdated, isStuck, podsAt } from '../target/pod.ts';
import { FORMER_REVISION } from '../target/revisions.ts';
import { ordinalsOf } from '../target/stateful-set-facts.ts';
import { formerReplicas, surplusOrdinals } from '../target/surplus.ts';
import { type CommandAdvice, kubectl, own } from '../values/command.ts';
import { notScaledAway } from '../zero/overtaken.ts';

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
  const back = wayBack(set, pods);
  if (stuck.length > 0 && bookkept)
    return [
      kubectl('describe', 'pod', ...stuck.map(({ name }) => name)).note('shows why it does not start'),
      ...(back === undefined ? [] : [back.command.note('the way back')]),
    ];
  const ready = pods.filter((pod) => pod.ready).map((pod) => pod.ordinal);
  const batch = intersection(without(drainSet, surplus), ordinalsOf(set));
  if (without(batch, ready).length > 0 && bookkept) return [own('recreate', set.name)];
  if (batch.length > 0 && bookkept) return backOrAway(facts);
  // Drained pods that were scaled away leave nothing but their weight of 0, for the next pod of that name.
  const gone = without(drainSet, notScaledAway(facts, drainSet));
  if (gone.length > 0 && bookkept && surplus.length === 0) return [own('restore', set.name, formatOrdinals(gone))];
  if (without(drainSet, surplus).length > 0 && bookkept) return backOrAway(facts);
  if (without(outdated, surplus).length > 0) return [own('upgrade', set.name)];
  // restore scales no pod away that still gets new connections.
  const lit = without(surplus, drainSet);
  if (formerReplicas(set) !== undefined && lit.length > 0) return [advisedDrain(facts, lit, seen)];
  if (
    intersection(
      surplus,
      podsAt(pods, drainSet).map(({ ordinal }) => ordinal),
    ).length > 0
  )
    return [own('wait-zero', set.name)];
  if (formerReplicas(set) === undefined && !bookkept) return [];
  const restore = own('restore', set.name);
  return [facts.canaries.size === 0 ? restore : restore.note('gives the canary the whole weight at once too')];
}

/** The highest ordinals at 0 without an upgrade may be those that `scale` was taking away: to give them weight ends that. */
export function backOrAway({ set, drainSet }: Facts): CommandAdvice[] {
  const batch = intersection(without(drainSet, surplusOrdinals(set)), ordinalsOf(set));
  const onward = own('advance', set.name);
  const stay = without(ordinalsOf(set), batch);
  const isTail = stay.length > 0 && batch.length > 0 && Math.max(...stay) < Math.min(...batch);
  if (!isTail || set.annotations[FORMER_REVISION] !== undefined) return [onward];
  const which = ordinalsText(batch);
  return [
    onward.note(`gives ${which} weight back`),
    own('scale', set.name, String(stay.length)).note(`or takes ${which} away at zero, where a scale-in was stopped`),
  ];
}

/** The drain that an upgrade begins with, of `count` outdated pods; the plan where no pod is outdated. */
export function firstDrain(facts: Facts, seen: SeenServing | undefined, count = 1): CommandAdvice {
  const { set, pods } = facts;
  const outdated = pods.filter((pod) => isOutdated(pod, set)).map((pod) => pod.ordinal);
  const due = without(outdated, surplusOrdinals(set)).slice(0, count);
  return due.length === 0 ? own('plan', set.name) : advisedDrain(facts, due, seen);
}

/** A surge may come when pods are drained already: those are waited for. */
export const afterSurge = (facts: Facts, seen: SeenServing | undefined, count: number): CommandAdvice[] =>
  without(facts.drainSet, surplusOrdinals(facts.set)).length > 0
    ? nextCommands(facts, seen)
    : [firstDrain(facts, seen, count)];
