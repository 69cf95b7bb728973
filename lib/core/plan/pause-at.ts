/** `--pause-at`: how many updated pods an upgrade comes to in one run. A person, or the next Job, begins the rest. */

import { UsageError } from '../errors.ts';
import type { Facts } from '../facts/facts.ts';
import { isOutdated } from '../target/pod.ts';
import { regularOrdinals } from '../target/surplus.ts';
import type { NextStep } from './next-step.ts';

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

/** The same wish with a batch that ends at the pause, and not behind it. */
export function withinPause<I extends { batch: number; pauseAt?: PauseAt }>(
  intent: I,
  facts: Pick<Facts, 'set' | 'pods'>,
): I {
  if (intent.pauseAt === undefined) return intent;
  const { updated, at } = pausePlace(facts, intent.pauseAt);
  return { ...intent, batch: Math.min(intent.batch, Math.max(1, at - updated)) };
}

/** Only where a batch would be begun: whatever is on its way comes to its end first. */
export function isPauseReached({ pauseAt }: { pauseAt?: PauseAt }, facts: Facts, next: NextStep): boolean {
  const { updated, at } = pausePlace(facts, pauseAt);
  return next.step === 'drain' && next.asked && updated >= at;
}
