/** The rate limiter that every call of the cloud goes through. */
import type { Clock } from '../../ports.ts';

/** Default quota of the actions used here: 20 requests a second per action, account and region (CLB API pages). */
const CALLS_PER_SECOND = 20;
const SECOND_MS = 1000;

export interface Limiter {
  /**
   * Resolves when one more call under `key` may be sent, with what to call once it is over; rejects with the signal's reason.
   * Every call that was let through must be reported over, however it ended.
   */
  take(key: string, signal?: AbortSignal): Promise<() => void>;
}

/** Places of one key: when each free place may be used again, and the callers that wait for one. */
interface Lane {
  readyAtMs: number[];
  waiting: ((readyAtMs: number) => void)[];
}

/**
 * As many places as calls per second; a place is free again a second after its call was answered. Counting from the answer and
 * not from the sending keeps within the quota even where requests are held up on their way and arrive together.
 */
export function createLimiter(clock: Clock, perSecond = CALLS_PER_SECOND): Limiter {
  const lanes = new Map<string, Lane>();
  const laneOf = (key: string): Lane => {
    const lane = lanes.get(key) ?? { readyAtMs: Array.from({ length: perSecond }, () => 0), waiting: [] };
    lanes.set(key, lane);
    return lane;
  };
  return {
    async take(key, signal) {
      signal?.throwIfAborted();
      const lane = laneOf(key);
      const readyAtMs = lane.readyAtMs.shift() ?? (await nextPlace(lane, signal));
      const leave = (atMs: number) => {
        const next = lane.waiting.shift();
        if (next === undefined) lane.readyAtMs.push(atMs);
        else next(atMs);
      };
      try {
        // A place is ready a second after its last call at the latest; further off it is only on a clock that was set back since.
        const waitMs = Math.min(SECOND_MS, readyAtMs - clock.now());
        if (waitMs > 0) await clock.sleep(waitMs, signal);
      } catch (error) {
        leave(readyAtMs);
        throw error;
      }
      return () => leave(clock.now() + SECOND_MS);
    },
  };
}

function nextPlace(lane: Lane, signal: AbortSignal | undefined): Promise<number> {
  return new Promise((resolve, reject) => {
    const take = (readyAtMs: number) => {
      signal?.removeEventListener('abort', abort);
      resolve(readyAtMs);
    };
    const abort = () => {
      lane.waiting = lane.waiting.filter((other) => other !== take);
      reject(signal?.reason);
    };
    lane.waiting.push(take);
    signal?.addEventListener('abort', abort, { once: true });
  });
}
