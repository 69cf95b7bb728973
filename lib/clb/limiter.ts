/** The rate limiter that every call of the cloud goes through. */
import type { Clock } from '../ports.ts';

/** Default quota of the actions used here: 20 requests a second per action, account and region (CLB API pages). */
const CALLS_PER_SECOND = 20;
const WINDOW_MS = 1000;

export interface Limiter {
  /** Resolves when one more call under `key` may be sent; rejects with the signal's reason when it aborts. */
  take(key: string, signal?: AbortSignal): Promise<void>;
}

/**
 * No more than 20 calls of one key in any second. A moving window rather than a bucket: a full bucket lets nearly twice the
 * quota through in its first second, which the cloud would answer with RequestLimitExceeded.
 */
export function createLimiter(clock: Clock, perSecond = CALLS_PER_SECOND): Limiter {
  const grants = new Map<string, number[]>();
  return {
    async take(key, signal) {
      signal?.throwIfAborted();
      const now = clock.now();
      const granted = grants.get(key) ?? [];
      const oldest = granted[granted.length - perSecond];
      // Never before an earlier grant, so that waiting calls keep their order.
      const at = Math.max(now, granted.at(-1) ?? now, oldest === undefined ? now : oldest + WINDOW_MS);
      grants.set(key, [...granted, at].slice(-perSecond));
      if (at > now) await clock.sleep(at - now, signal);
    },
  };
}
