/** How long the load balancer takes to notice that a pod starts, or ends. */
import type { ListenerState } from '../facts/balancer-state.ts';
import type { ServiceFacts } from '../facts/service-facts.ts';
import { parseTime } from '../values/time.ts';

export interface Lag {
  seconds: number;
  /** Where the number comes from, for people. */
  because: string;
}

/** Listeners that were read, and the Services that the controller syncs. */
export interface LagFacts {
  listeners: readonly Pick<ListenerState, 'healthCheck'>[];
  services: readonly Pick<ServiceFacts, 'annotations'>[];
}

/** The defaults of a CLB listener (CLB: HealthCheck). */
const DEFAULT = { intervalSeconds: 5, times: 3 } as const;
/** Set by the service-controller around each reconcile, to the second (TKE Service annotation reference). */
const SYNC_BEGAN = 'service.cloud.tencent.com/sync-begin-time';
const SYNC_ENDED = 'service.cloud.tencent.com/sync-end-time';

/**
 * How long a new backend is probed before it gets traffic: the slowest listener counts. A listener without a health check
 * gives traffic at once; where none was read, the defaults of the load balancer count.
 */
export function startLag({ listeners }: Pick<LagFacts, 'listeners'>): Lag {
  return slowest(listeners, ({ healthyThreshold }) => healthyThreshold) ?? atOnce;
}

/**
 * How long new connections may still come to a pod that has begun to end. Two things take it out, and which is first is not
 * known beforehand: the controller, once it has seen the deletion (its last sync shows how long that takes), and the health
 * check, once the program no longer answers. So the longer of both counts; where neither is known, the defaults.
 */
export function endLag({ listeners, services }: LagFacts): Lag {
  const checks = slowest(listeners, ({ unhealthyThreshold }) => unhealthyThreshold);
  const sync = lastSync(services);
  if (checks === undefined) return sync ?? assumed;
  return sync !== undefined && sync.seconds > checks.seconds ? sync : checks;
}

const atOnce: Lag = { seconds: 0, because: 'no listener has a health check' };

const byDefault: Lag = {
  seconds: DEFAULT.intervalSeconds * DEFAULT.times,
  because: `${checksText(DEFAULT.times, DEFAULT.intervalSeconds)}, by default`,
};

const assumed: Lag = { ...byDefault, because: 'no listener has a health check, so this is assumed' };

/** Undefined: listeners were read, and none of them checks health. */
function slowest(
  listeners: LagFacts['listeners'],
  timesOf: (check: ListenerState['healthCheck']) => number,
): Lag | undefined {
  if (listeners.length === 0) return byDefault;
  const [longest] = listeners
    .filter(({ healthCheck }) => healthCheck.on)
    .map(({ healthCheck }) => ({
      seconds: healthCheck.intervalSeconds * timesOf(healthCheck),
      because: checksText(timesOf(healthCheck), healthCheck.intervalSeconds),
    }))
    .toSorted((a, b) => b.seconds - a.seconds);
  return longest;
}

function checksText(times: number, intervalSeconds: number): string {
  return `${times} health ${times === 1 ? 'check' : 'checks'}, one every ${intervalSeconds}s`;
}

/** The longest last sync of the Services; a sync that is under way has no end yet. Whole seconds are written, so one is added. */
function lastSync(services: LagFacts['services']): Lag | undefined {
  const [longest] = services
    .map(({ annotations }) => parseTime(annotations[SYNC_ENDED] ?? '') - parseTime(annotations[SYNC_BEGAN] ?? ''))
    .filter((tookMs) => tookMs >= 0)
    .toSorted((a, b) => b - a);
  if (longest === undefined) return undefined;
  const seconds = Math.ceil(longest / 1000) + 1;
  return { seconds, because: `the last sync of the service-controller took up to ${seconds}s` };
}
