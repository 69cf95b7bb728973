/** How many pods may be out of service at once: a number, or a share of the replicas, rounded down and at least 1. */

import { UsageError } from '../errors.ts';

export type MaxUnavailable = { kind: 'count'; count: number } | { kind: 'percent'; percent: number };

/** `10` or `10%`. Throws UsageError for anything else, and for 0: nothing could ever go on. */
export function parseMaxUnavailable(text: string): MaxUnavailable {
  const match = /^([1-9]\d{0,5})(%?)$/.exec(text.trim());
  const amount = Number(match?.[1]);
  if (match === null || (match[2] === '%' && amount > 100))
    throw new UsageError(
      `"${text}" is not the size of a window`,
      'accepted by --max-unavailable: a number of pods from 1 (10) or a share of the replicas (10%)',
    );
  return match[2] === '%' ? { kind: 'percent', percent: amount } : { kind: 'count', count: amount };
}

/** As parseMaxUnavailable reads it. */
export const formatMaxUnavailable = (wish: MaxUnavailable): string =>
  wish.kind === 'count' ? String(wish.count) : `${wish.percent}%`;

/** Of as many replicas as there are now, without a surplus: a share is worked out at each look, as the floor is. */
export const windowSizeOf = (wish: MaxUnavailable | undefined, replicas: number): number => {
  if (wish === undefined) return 1;
  const size = wish.kind === 'count' ? wish.count : Math.floor((replicas * wish.percent) / 100);
  return Math.max(1, size);
};
