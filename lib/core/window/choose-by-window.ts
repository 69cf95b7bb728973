/**
 * The window by hand, advance --max-unavailable: what the window of upgrade would write after one look. Pure.
 * Laws: only pods that are updated and well get their weight back; with those that are drained, or out by themselves, never more
 * than the window are out once the write is applied; the same look gives the same choice, so that saying it twice is harmless.
 */

import type { PodBinding } from '../facts/backends.ts';
import type { Facts } from '../facts/facts.ts';
import { bindingsOfPod } from '../facts/observation.ts';
import type { AdvanceChoice } from '../plan/advance-choice.ts';
import { comesBack } from '../target/going.ts';
import { intersection, ordinalSet, union, without } from '../target/ordinals.ts';
import { podAt } from '../target/pod.ts';
import { ordinalsOf } from '../target/stateful-set-facts.ts';
import { surplusOrdinals } from '../target/surplus.ts';
import { canariesOfBatch } from '../weights/canary.ts';
import { windowActions } from './actions.ts';
import { isOut, type SeenPod } from './place.ts';
import { placeOf } from './place-of.ts';

export interface WindowChoice extends AdvanceChoice {
  /** Of `next` those that are drained only now. */
  fresh: readonly number[];
  /** Where each pod stands, but for the surplus. */
  seen: readonly SeenPod[];
}

/** `allows`: how many more the floor lets be drained, of these in their order, beside what stays at 0. */
export function chooseByWindow(
  facts: Facts,
  bindings: readonly PodBinding[],
  size: number,
  allows: (fresh: readonly number[], staying: readonly number[], back: readonly number[]) => readonly number[],
): WindowChoice {
  const { set, pods, drainSet, canaries } = facts;
  const surplus = surplusOrdinals(set);
  const seen = without(ordinalsOf(set), surplus).map((ordinal): SeenPod => {
    const pod = podAt(pods, ordinal);
    const place = placeOf({
      ...{ set, pod, atZero: false, faulty: false, hasServed: false, servingForMs: 0, soakMs: 0 },
      bindings: pod === undefined ? [] : bindingsOfPod({ bindings }, pod),
      drained: drainSet.includes(ordinal),
      byHand: facts.byHand.includes(ordinal),
      raised: canaries.has(ordinal),
    });
    return { ordinal, place, ...(place === 'done' && drainSet.includes(ordinal) ? { keptAtZero: true } : {}) };
  });
  const isReady = ({ place }: SeenPod): boolean => place === 'ready';
  // A canary that is not well stops the window by the rule of the batch: the next pods would start on the same template.
  const back = union(ordinalSet(seen.filter(isReady).map(({ ordinal }) => ordinal)), canariesOfBatch(facts));
  // A pod that gets its weight back makes room in the same write.
  const after = seen.map((pod): SeenPod => (isReady(pod) ? { ...pod, place: 'done' } : pod));
  const { drain } = windowActions(after, {
    ...{ maxUnavailable: size, refill: 'each', ordered: set.podManagementPolicy !== 'Parallel' },
    ...{
      most: Number.POSITIVE_INFINITY,
      allowance: Number.POSITIVE_INFINITY,
      deferred: new Set(),
      paused: false,
      stopped: false,
    },
  });
  const going = pods.filter((pod) => pod.terminating).map(({ ordinal }) => ordinal);
  const staying = without(without(drainSet, surplus), back);
  const wished = drain.filter((ordinal) => comesBack(set, ordinal, going));
  const fresh = allows(wished, union(staying, intersection(drainSet, surplus)), back);
  const isOver = after.every(({ place }) => place === 'done');
  return {
    back,
    fresh,
    seen,
    // Surplus pods that are kept dark stay so; the others go last, and stay drained until restore scales them away.
    next: isOver
      ? union(surplus, intersection(facts.byHand, staying))
      : union(union(staying, fresh), intersection(drainSet, surplus)),
  };
}

/** Ordinals that are out of service, and those of them that a wait for zero brings further. */
export const outOf = (seen: readonly SeenPod[]): { out: number[]; draining: number[] } => ({
  out: ordinalSet(seen.filter(isOut).map(({ ordinal }) => ordinal)),
  draining: ordinalSet(seen.filter(({ place }) => place === 'draining').map(({ ordinal }) => ordinal)),
});
