/** How many pods a Deployment's RollingUpdate may have too many, and how many it may have too few. */

/** A number of pods, or a share of the replicas such as `25%` (Kubernetes: IntOrString). */
export type CountOrPercent = number | string;

export interface RollingStrategy {
  maxSurge?: CountOrPercent;
  maxUnavailable?: CountOrPercent;
}

export interface Fenceposts {
  maxSurge: number;
  maxUnavailable: number;
}

/** Kubernetes: SetDefaults_Deployment. */
const DEFAULT_SHARE = '25%';

/**
 * The two limits in pods: maxSurge rounds up, maxUnavailable rounds down and is at most `replicas`; when both come out as 0,
 * maxUnavailable is 1, so that the rollout can move (Kubernetes: ResolveFenceposts, MaxUnavailable). A text that is neither a
 * number nor a percentage counts as 0.
 */
export function fencepostsOf(strategy: RollingStrategy, replicas: number): Fenceposts {
  const maxSurge = podsOf(strategy.maxSurge ?? DEFAULT_SHARE, replicas, Math.ceil);
  const unavailable = podsOf(strategy.maxUnavailable ?? DEFAULT_SHARE, replicas, Math.floor);
  const least = maxSurge === 0 && unavailable === 0 ? 1 : unavailable;
  return { maxSurge, maxUnavailable: Math.min(least, replicas) };
}

/** The most pods that a rollout has at one time, and the fewest of them that are available. */
export function rolloutBounds(strategy: RollingStrategy, replicas: number): { most: number; fewest: number } {
  const { maxSurge, maxUnavailable } = fencepostsOf(strategy, replicas);
  return { most: replicas + maxSurge, fewest: replicas - maxUnavailable };
}

/** The steps of a rollout of settled pods before any new pod is available: start so many, and stop so many. */
export function firstStep(strategy: RollingStrategy, replicas: number): { start: number; stop: number } {
  const { maxSurge, maxUnavailable } = fencepostsOf(strategy, replicas);
  return { start: Math.min(maxSurge, replicas), stop: maxUnavailable };
}

function podsOf(value: CountOrPercent, replicas: number, round: (share: number) => number): number {
  if (typeof value === 'number') return value;
  const percent = /^(\d+)%$/.exec(value)?.[1];
  return percent === undefined ? 0 : round((Number(percent) * replicas) / 100);
}
