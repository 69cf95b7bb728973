/**
 * The next step of an upgrade, judged from the state of the cluster alone, with any history.
 * Law: the same facts give the same step, and every step brings the cluster nearer to the end or waits.
 */

import { comesBack } from '../target/going.ts';
import { formatOrdinals, intersection, ordinalSet, ordinalsText, union, without } from '../target/ordinals.ts';
import {
  isOfOtherRevision,
  isOutdated,
  isStuck,
  notReadyBecause,
  notServingBecause,
  type PodFacts,
  podAt,
} from '../target/pod.ts';
import { restartDue } from '../target/restart.ts';
import { ordinalsOf, type StatefulSetFacts } from '../target/stateful-set-facts.ts';
import { formerReplicas, surplusOrdinals } from '../target/surplus.ts';
import { canariesOfBatch } from '../weights/canary.ts';
import { nextBatch } from './batches.ts';

export interface UpgradeState {
  set: StatefulSetFacts;
  pods: readonly PodFacts[];
  drainSet: readonly number[];
  /** Those of them that are at 0 on every Service and port. */
  atZero: readonly number[];
  /** Those of them that hold no 0 of ours: they stay at 0 once they are updated. */
  byHand?: readonly number[];
  /** Ordinals that hold a canary weight of ours. */
  canaries: ReadonlyMap<number, unknown>;
  /** Whether every Service and port agrees about the drain set. */
  consistent: boolean;
  /** Whether anything of ours is to be given back or cleared: a drain of ours, or canaries. A drain of another writer is not. */
  bookkept: boolean;
}

export interface UpgradeWish {
  /** Container to image; empty: the template stays as it is. */
  images: Readonly<Record<string, string>>;
  /** RFC 3339: restart every pod, with this time in the template; absent: no restart is asked for. */
  restartedAt?: string;
  batch: number;
  /** Replicas to add; 0: none. */
  surge: number;
}

export type NextStep =
  /** `dark`: the surplus starts on the new revision, so that it has no traffic until it has been verified. */
  | { step: 'surge'; count: number; dark: boolean }
  /** `restartedAt`: for a restart, written together with the images as one revision. */
  | { step: 'set-image'; images: Readonly<Record<string, string>>; restartedAt?: string }
  /** Give this batch (empty: none) its traffic back, and observe what has been updated so far. */
  | { step: 'give-back'; ordinals: readonly number[] }
  /** `asked`: a batch that was not begun before needs the operator's word. */
  | { step: 'drain'; ordinals: readonly number[]; asked: boolean }
  /** Of regular ordinals or of surplus ones, never of both. */
  | { step: 'recreate'; ordinals: readonly number[] }
  /** Verify these dark surplus pods and give them their traffic. */
  | { step: 'light'; ordinals: readonly number[] }
  | { step: 'drain-surplus'; ordinals: readonly number[] }
  | { step: 'finish' }
  /** Pods that are going or missing, or start for the first time, and belong to no batch: they are waited for, or named. */
  | { step: 'await-going'; ordinals: readonly number[] }
  | { step: 'done' };

/** `overdue`: ordinals whose pods should have been gone for a while; they are left out, and the others go on. */
export function nextStep(state: UpgradeState, wish: UpgradeWish, overdue: readonly number[] = []): NextStep {
  const { set, pods } = state;
  const drainSet = without(state.drainSet, overdue);
  const byHand = state.byHand ?? [];
  const surplus = surplusOrdinals(set);
  const regular = without(ordinalsOf(set), surplus);
  const outdated = ordinalSet(pods.filter((pod) => isOutdated(pod, set)).map((pod) => pod.ordinal));
  const changed = Object.entries(wish.images).filter(([container, image]) => set.images[container] !== image);
  const restartedAt = restartDue(set, wish.restartedAt);
  const renews = changed.length > 0 || restartedAt !== undefined;
  const work = renews || intersection(outdated, regular).length > 0;

  const setImage: NextStep = {
    step: 'set-image',
    images: Object.fromEntries(changed),
    ...(restartedAt === undefined ? {} : { restartedAt }),
  };
  if (wish.surge > 0 && work && formerReplicas(set) === undefined) {
    // The surplus comes before the image, so that it starts on the old revision and is no canary. Where the template is already
    // another than the pods', it would start on a revision that no one asked for: the image comes first, and its canary after it.
    const isCanary = pods.some((pod) => isOfOtherRevision(pod, set));
    return isCanary && renews ? setImage : { step: 'surge', count: wish.surge, dark: isCanary };
  }
  // A surge that was interrupted comes to its end first: a surplus pod that is not there yet would start on the new image.
  const unborn = surplus.some((ordinal) => isComing(podAt(pods, ordinal)));
  const surgeOn: NextStep = { step: 'surge', count: surplus.length, dark: false };
  // Surplus pods that were dark are capacity once they are well: before a new image makes them outdated, or a batch is drained.
  const dark = without(intersection(surplus, drainSet), byHand).filter((ordinal) => isWell(pods, set, ordinal));
  if (renews) {
    if (unborn) return surgeOn;
    // Alone on their template they are a canary that is given up, and get no traffic for it.
    const isProven = regular.some((ordinal) => isWell(pods, set, ordinal));
    return dark.length > 0 && isProven ? { step: 'light', ordinals: dark } : setImage;
  }

  // Ordinals beyond the replicas are what is left of a surge: nothing is to be waited for there.
  // A canary is the batch still, and gets all of its weight back; one that is outdated has to be drained first.
  const here = intersection(union(drainSet, canariesOfBatch(state)), regular);
  const unfinished = here.filter((ordinal) => !isWell(pods, set, ordinal));
  const stillOutdated = intersection(here, outdated);
  // A write that was interrupted between two Services is finished first: 0 everywhere, before anything is counted.
  if (!state.consistent && stillOutdated.length > 0) return { step: 'drain', ordinals: stillOutdated, asked: false };
  if (unfinished.length > 0) return { step: 'recreate', ordinals: unfinished };
  const ours = without(here, byHand);
  if (ours.length > 0) return { step: 'give-back', ordinals: ours };

  // One that is going is on its way already, as one that is missing is; with OrderedReady none above it comes back before it.
  const byOrdinal = new Map(pods.map((pod) => [pod.ordinal, pod]));
  const coming = regular.filter((ordinal) => isAwaited(byOrdinal.get(ordinal)));
  const absent = coming.filter((ordinal) => byOrdinal.get(ordinal)?.terminating !== false);
  const free = without(intersection(outdated, regular), absent).filter((ordinal) => comesBack(set, ordinal, absent));
  const next = nextBatch(free, wish.batch);
  if (next.length > 0) {
    // Surplus pods that a template was given up with: without traffic, and capacity once they run the one that is asked for.
    const stale = without(intersection(intersection(surplus, drainSet), outdated), byHand);
    if (stale.length > 0) return { step: 'recreate', ordinals: stale };
    if (unborn) return surgeOn;
    return dark.length > 0 ? { step: 'light', ordinals: dark } : { step: 'drain', ordinals: next, asked: true };
  }
  if (coming.length > 0) return { step: 'await-going', ordinals: coming };
  if (without(surplus, state.atZero).length > 0) return { step: 'drain-surplus', ordinals: surplus };
  // A surge that was scaled away by hand, or became the new count, still has its bookkeeping.
  return formerReplicas(set) !== undefined || state.bookkept ? { step: 'finish' } : { step: 'done' };
}

/** Updated, ready, and staying. */
const isWell = (pods: readonly PodFacts[], set: StatefulSetFacts, ordinal: number): boolean =>
  notServingBecause(podAt(pods, ordinal), set) === undefined;

/** Not there or not ready yet, but on its way. A stuck pod will never serve, so it is not waited for. */
const isComing = (pod: PodFacts | undefined): boolean =>
  pod === undefined || pod.terminating || (notReadyBecause(pod) !== undefined && !isStuck(pod));

/** Going, missing, or not ready for the first time yet: no batch of this program made it so, and no end is reached before it is there. */
export const isAwaited = (pod: PodFacts | undefined): boolean =>
  pod === undefined || pod.terminating || (pod.neverReady && !isStuck(pod));

/** `nginx=nginx:1.25.4`, each. */
export const imageText = (images: Readonly<Record<string, string>>): string =>
  Object.entries(images)
    .map(([container, image]) => `${container}=${image}`)
    .join(' ');

/** For people, as the step begins. */
export function stepText(next: NextStep): string {
  switch (next.step) {
    case 'surge':
      return `surge by ${next.count}${next.dark ? ', without traffic until verified' : ''}`;
    case 'set-image':
      return [
        ...(Object.keys(next.images).length === 0 ? [] : [`set image ${imageText(next.images)}`]),
        ...(next.restartedAt === undefined ? [] : [`restart every pod (restartedAt ${next.restartedAt})`]),
      ].join(', ');
    case 'drain':
      return `drain ${formatOrdinals(next.ordinals)}`;
    case 'drain-surplus':
      return `drain the surplus: ${ordinalsText(next.ordinals)}`;
    case 'recreate':
      return `wait for zero and recreate ${formatOrdinals(next.ordinals)}`;
    case 'light':
      return `verify surplus ${ordinalsText(next.ordinals)} and restore traffic to it`;
    case 'give-back':
      return `restore traffic to ${formatOrdinals(next.ordinals)}`;
    case 'await-going':
      return `wait for ${ordinalsText(next.ordinals)}, which ${next.ordinals.length === 1 ? 'is' : 'are'} being deleted, missing or not ready yet`;
    case 'finish':
      return 'scale a surplus away, if there is one, and remove the bookkeeping';
    case 'done':
      return 'nothing: every pod is updated';
  }
}
