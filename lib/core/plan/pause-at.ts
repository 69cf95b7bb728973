/** `--pause-at`: how many updated pods an upgrade comes to in one run. A person, or the next Job, begins the rest. */

import { UsageError } from '../errors.ts';
import type { Facts } from '../facts/facts.ts';
import { without } from '../target/ordinals.ts';
import { isOutdated } from '../target/pod.ts';
import { restartDue } from '../target/restart.ts';
import { regularOrdinals, surplusOrdinals } from '../target/surplus.ts';
import type { NextStep, UpgradeWish } from './next-step.ts';

export type PauseAt = { kind: 'count'; count: number } | { kind: 'percent'; percent: number };

/** `5` or `50%`. Throws UsageError for anything else, and for 0% and 100%: nothing would be begun, or nothing left. */
export function parsePauseAt(text: string): PauseAt {
  const match = /^([1-9]\d{0,5})(%?)$/.exec(text.trim());
  const amount = Number(match?.[1]);
  if (match === null || (match[2] === '%' && amount > 99))
    throw new UsageError(
      `"${text}" is not a place to pause at`,
      'accepted by --pause-at: a number of updated pods from 1 (5) or a share of the replicas from 1% to 99% (50%)',
    );
  return match[2] === '%' ? { kind: 'percent', percent: amount } : { kind: 'count', count: amount };
}

/** How many pods are to be updated: a share is rounded down, and at least 1. */
export const pauseCountOf = (wish: PauseAt, replicas: number): number =>
  wish.kind === 'count' ? wish.count : Math.max(1, Math.floor((replicas * wish.percent) / 100));

export interface PausePlace {
  /** Updated pods now. */
  updated: number;
  /** Pods of the StatefulSet, without a surplus. */
  all: number;
  /** Updated pods at which the run ends; Infinity: it goes on to the end. */
  at: number;
}

/** Counted over the pods that stay: a surplus is capacity, and no progress. */
export function pausePlace({ set, pods }: Pick<Facts, 'set' | 'pods'>, wish: PauseAt | undefined): PausePlace {
  const regular = regularOrdinals(set);
  const stays = new Set(regular);
  return {
    updated: pods.filter((pod) => stays.has(pod.ordinal) && !isOutdated(pod, set)).length,
    all: regular.length,
    at: wish === undefined ? Number.POSITIVE_INFINITY : pauseCountOf(wish, regular.length),
  };
}

export interface PausedWish extends Pick<UpgradeWish, 'images' | 'restartedAt' | 'batch' | 'surge'> {
  pauseAt?: PauseAt;
}

type Seen = Pick<Facts, 'set' | 'pods'>;

/** Pods of another template than the one that is asked for count as outdated: no pause is reached before that is set. */
const isPastPause = ({ images, restartedAt, pauseAt }: PausedWish, facts: Seen): boolean => {
  const { updated, at } = pausePlace(facts, pauseAt);
  const { set } = facts;
  const isSet = Object.entries(images).every(([container, image]) => set.images[container] === image);
  return updated >= at && isSet && restartDue(set, restartedAt) === undefined;
};

/** The same wish with a batch that ends at the pause, and not behind it; no surplus is added for a batch that does not begin. */
export function withinPause<I extends PausedWish>(intent: I, facts: Seen): I {
  if (intent.pauseAt === undefined) return intent;
  const { updated, at } = pausePlace(facts, intent.pauseAt);
  const batch = Math.min(intent.batch, Math.max(1, at - updated));
  return { ...intent, batch, surge: isPastPause(intent, facts) ? 0 : intent.surge };
}

/** Only where a batch would be begun, or a surplus made ready for one: work on its way comes to its end first. */
export function isPauseReached(intent: PausedWish, facts: Facts, next: NextStep): boolean {
  if (!isPastPause(intent, facts)) return false;
  switch (next.step) {
    case 'drain':
      return next.asked;
    case 'surge':
    case 'light':
      return true;
    case 'recreate':
      return without(next.ordinals, surplusOrdinals(facts.set)).length === 0;
    default:
      return false;
  }
}
