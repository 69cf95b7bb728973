/** How long each updated pod has served without a fault, as one run has seen it, and whether it has restarted since. */

import type { PodBinding } from '../../core/facts/backends.ts';
import { notReadyBecause, type PodFacts } from '../../core/target/pod.ts';
import { parseTime } from '../../core/values/time.ts';
import { isSending } from '../../core/window/place-of.ts';

/** A pod that has been ready for so long, in milliseconds, has had the time for the load balancer's first checks. */
const SETTLED_MS = 60_000;
/** Between two looks, in milliseconds: a cloud that does not answer, or a question that is open, can make it longer. */
const UNSEEN_MS = 60_000;

export interface ServingTime {
  /** Since the first look of the latest series at which the load balancer sent to it, in milliseconds, without the time in which nothing was seen. 0: it does not serve now. */
  servingForMs: number;
  restarted: boolean;
  /** It has served before, or had the time to. */
  hasServed: boolean;
}

interface Known {
  restarts: number;
  ready: { since: string; atMs: number };
  sinceMs: number | undefined;
  hasServed: boolean;
}

export interface ServingTimes {
  /** Of an updated pod that has its weight. `nowMs`: by the API server's clock, as `readySince` is. */
  of(pod: PodFacts, bindings: readonly PodBinding[], nowMs: number): ServingTime;
  /** The pod is outdated, or has no weight: what was known of it counts no longer. */
  forget(uid: string): void;
  /** A look that sees the target begins. The time since the look before counts for no pod where it was too long to have seen a fault. */
  looks(nowMs: number): void;
}

const readyOf = ({ readySince }: PodFacts): Known['ready'] => ({ since: readySince, atMs: parseTime(readySince) });

const begin = (pod: PodFacts): Known => ({
  restarts: pod.restarts,
  ready: readyOf(pod),
  sinceMs: undefined,
  hasServed: false,
});

/** A pod that serves at the first look is counted from when it was ready: an earlier run may have given it its weight. */
export function createServingTimes(): ServingTimes {
  const known = new Map<string, Known>();
  let isFirst = true;
  let lookedAtMs: number | undefined;
  return {
    of(pod, bindings, nowMs) {
      const one = known.get(pod.uid) ?? begin(pod);
      known.set(pod.uid, one);
      // A thousand pods that stay ready are a thousand times to read at every look.
      if (one.ready.since !== pod.readySince) {
        one.ready = readyOf(pod);
        // It was not ready between two looks.
        one.sinceMs = undefined;
      }
      const readyMs = one.ready.atMs;
      const isReady = notReadyBecause(pod) === undefined;
      if (!isReady || !isSending({ bindings })) one.sinceMs = undefined;
      else {
        one.sinceMs ??= isFirst && Number.isFinite(readyMs) ? readyMs : nowMs;
        one.hasServed = true;
      }
      return {
        servingForMs: one.sinceMs === undefined ? 0 : nowMs - one.sinceMs,
        restarted: pod.restarts > one.restarts,
        hasServed: one.hasServed || (isReady && nowMs - readyMs >= SETTLED_MS),
      };
    },
    forget: (uid) => void known.delete(uid),
    looks(nowMs) {
      const unseenMs = nowMs - (lookedAtMs ?? nowMs);
      isFirst = lookedAtMs === undefined;
      lookedAtMs = nowMs;
      if (unseenMs <= UNSEEN_MS) return;
      for (const one of known.values()) if (one.sinceMs !== undefined) one.sinceMs += unseenMs;
    },
  };
}
