/** Which ordinals `advance` gives back and which it drains next: a pure choice from the facts. */

import type { Facts } from '../facts/facts.ts';
import { comesBack } from '../target/going.ts';
import { intersection, ordinalSet, ordinalsText, union, without } from '../target/ordinals.ts';
import { isOutdated, notServingBecause, podAt } from '../target/pod.ts';
import { ordinalsOf } from '../target/stateful-set-facts.ts';
import { regularOrdinals, surplusOrdinals } from '../target/surplus.ts';
import { canariesOfBatch } from '../weights/canary.ts';
import type { KeptAdvance } from '../weights/kept-advance.ts';
import { nextBatch } from './batches.ts';

export interface AdvanceWish {
  batch?: number;
  /** The batch that is given back, by name; undefined: what is drained. */
  from?: readonly number[];
  /** The batch that is drained next, by name; undefined with `from`: none. */
  to?: readonly number[];
  /** Pods that should have been gone for a while: they stay at 0, and the others go on. */
  overdue?: readonly number[];
}

export interface AdvanceChoice {
  /** The batch whose pods have to be well. */
  back: readonly number[];
  /** Everything that is to be at 0 afterwards. */
  next: readonly number[];
  /** The same command has written this already. */
  already?: true;
  /** Ordinals that an earlier run gave back before it could drain: the load balancer has to show it first. */
  given?: readonly number[];
  /** Pods that are terminating and belong to no batch. */
  going?: readonly number[];
  /** Those of them that keep weight 0. */
  stay?: readonly number[];
  /** Outdated pods that would not come back before one of `going` does. */
  held?: readonly number[];
}

/**
 * The one note on which all Services that have one agree. A Service that leads to some of the pods is written only when they
 * are concerned: its note may be of an earlier batch, and counts where it leads to what that write drained.
 */
export function keptAdvanceOf({ services }: Facts): KeptAdvance | undefined {
  const notes = services.flatMap(({ advanced, selection }): (KeptAdvance | 'unknown')[] => {
    if (advanced === undefined) return [];
    return advanced === 'unknown' || advanced.next.some(selection.reaches) ? [advanced] : [];
  });
  const [first] = notes;
  if (first === undefined || first === 'unknown') return undefined;
  return notes.every((kept) => JSON.stringify(kept) === JSON.stringify(first)) ? first : undefined;
}

/**
 * Drained by hand, and updated or without a pod: not ours to give back, and no batch. An outdated one is replaced like the
 * others, and is spared from then on.
 */
export const sparedByHand = ({ set, pods, byHand }: Pick<Facts, 'set' | 'pods' | 'byHand'>): number[] =>
  byHand.filter((ordinal) => !pods.some((pod) => pod.ordinal === ordinal && isOutdated(pod, set)));

/** `pending`: what a first write of two has left for the second. */
export function chooseAdvance(facts: Facts, wish: AdvanceWish, pending?: readonly number[]): AdvanceChoice {
  if (pending !== undefined) return { back: [], next: union(pending, facts.drainSet) };
  if (wish.from !== undefined || wish.to !== undefined) return byName(facts, wish);
  const outdated = ordinalSet(facts.pods.filter((pod) => isOutdated(pod, facts.set)).map((pod) => pod.ordinal));
  const stillOutdated = facts.drainSet.filter((ordinal) => outdated.includes(ordinal));
  // An earlier write was interrupted between two Services: the outdated ordinals of either are its batch.
  if (!facts.consistent && stillOutdated.length > 0 && stillOutdated.length < facts.drainSet.length)
    return { back: without(facts.drainSet, stillOutdated), next: stillOutdated };
  const surplus = surplusOrdinals(facts.set);
  const own = ownWork(facts, outdated, surplus);
  if (own !== undefined) return own;
  // A batch that was raised by canary weights is this batch still: advance gives it all of its weight.
  const stay = union(intersection(facts.drainSet, wish.overdue ?? []), without(sparedByHand(facts), surplus));
  const here = without(union(facts.drainSet, canariesOfBatch(facts)), union(surplus, stay));
  const going = facts.pods
    .filter((pod) => pod.terminating && !here.includes(pod.ordinal))
    .map(({ ordinal }) => ordinal);
  // One that is going is on its way already, and with OrderedReady none above it comes back before it.
  const left = without(outdated, union(union(facts.drainSet, surplus), going));
  const free = left.filter((ordinal) => comesBack(facts.set, ordinal, going));
  const next = nextBatch(free, wish.batch ?? Math.max(1, here.length));
  // Surplus pods that are kept dark stay so; the others go last, and stay drained until restore scales them away.
  const rest = next.length > 0 || going.length > 0 ? union(next, intersection(facts.drainSet, surplus)) : surplus;
  return { back: here, next: union(rest, stay), stay, going, held: next.length > 0 ? [] : left };
}

/** The write of an earlier run of the same command, where the note of it equals the present state. */
function ownWork(facts: Facts, outdated: readonly number[], surplus: readonly number[]): AdvanceChoice | undefined {
  const kept = keptAdvanceOf(facts);
  if (kept === undefined || kept.revision !== facts.set.updateRevision || !facts.consistent) return undefined;
  const spared = sparedByHand(facts);
  const drained = without(facts.drainSet, spared);
  const batch = without(kept.next, surplus);
  if (batch.length === 0 || canariesOfBatch(facts).length > 0 || without(batch, outdated).length > 0) return undefined;
  if (kept.stage === 'back')
    return without(drained, surplus).length === 0
      ? { back: [], next: union(kept.next, facts.drainSet), given: kept.back }
      : undefined;
  return same(kept.next, drained) ? { back: [], next: facts.drainSet, stay: spared, already: true } : undefined;
}

/**
 * Ordinals that are updated and serving, or gone, are done: naming them again changes nothing. A surplus that is to go keeps
 * its weight of 0: the script that gave it traffic at the beginning, and drained it at the end, may be run again.
 */
function byName(facts: Facts, { from: asked = [], to = [] }: AdvanceWish): AdvanceChoice {
  const { set, pods, drainSet } = facts;
  const surplus = surplusOrdinals(set);
  const from = isSurplusToGo(facts) ? without(asked, intersection(drainSet, surplus)) : asked;
  const isDone = (ordinal: number): boolean =>
    !ordinalsOf(set).includes(ordinal) ||
    (!surplus.includes(ordinal) && notServingBecause(podAt(pods, ordinal), set) === undefined);
  const left = to.filter((ordinal) => !drainSet.includes(ordinal) && !isDone(ordinal));
  const next = union(without(drainSet, from), left);
  const already = left.length === 0 && intersection(union(drainSet, facts.canaries.keys()), from).length === 0;
  return { back: from, next, ...(already ? { already } : {}) };
}

/**
 * A surplus at 0 is dark at the beginning, and drained at the end. It is needed while a pod that stays is missing or still to be
 * replaced, and goes once none is.
 */
const isSurplusToGo = ({ set, pods }: Facts): boolean =>
  regularOrdinals(set).every((ordinal) => {
    const pod = podAt(pods, ordinal);
    return pod !== undefined && !isOutdated(pod, set);
  });

/** A drained surplus whose pods are still there: it may have connections, so that only a wait for zero is left. */
export const surplusLeft = ({ set, pods, drainSet }: Facts): readonly number[] =>
  intersection(
    intersection(surplusOrdinals(set), drainSet),
    pods.map(({ ordinal }) => ordinal),
  );

/** For the end of a line that says that nothing is left to advance to. */
export function surplusLeftText(facts: Facts): string {
  const left = surplusLeft(facts);
  return left.length === 0
    ? ''
    : `; surplus ${ordinalsText(left)} at weight 0 ${left.length === 1 ? 'goes once it is' : 'go once they are'} at zero`;
}

const same = (a: readonly number[], b: readonly number[]): boolean =>
  without(a, b).length === 0 && without(b, a).length === 0;
