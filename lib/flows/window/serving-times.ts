/** How long each updated pod has served without a fault, as one run has seen it, and whether it has restarted since. */

import type { PodBinding } from '../../core/facts/backends.ts';
import { notReadyBecause, type PodFacts } from '../../core/target/pod.ts';
import { parseTime } from '../../core/values/time.ts';
import { isSending } from '../../core/window/place-of.ts';

/** A pod that has been ready for so long, in milliseconds, has had the time for the load balancer's first checks. */
const SETTLED_MS = 60_000;

export interface ServingTime {
  /** Since the first look of the latest series at which the load balancer sent to it, in milliseconds. 0: it does not serve now. */
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
  /** The first look of the run is over: what serves from now on is counted from the look that sees it. */
  begun(): void;
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
  return {
    of(pod, bindings, nowMs) {
      const one = known.get(pod.uid) ?? begin(pod);
      known.set(pod.uid, one);
      // A thousand pods that stay ready are a thousand times to read at every look.
      if (one.ready.since !== pod.readySince) one.ready = readyOf(pod);
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
    begun() {
      isFirst = false;
    },
  };
}
