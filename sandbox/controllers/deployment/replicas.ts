/** The counts that a Deployment's decisions rest on, and the annotations that carry them from one look to the next. */
import { type Fenceposts, fencepostsOf } from '../../../lib/core/values/rolling-limits.ts';
import type { Deployment, ReplicaSet } from '../controller-types.ts';

/** On a ReplicaSet: how many replicas its Deployment wanted, and could have had at most, when it was last scaled. */
export const DESIRED = 'deployment.kubernetes.io/desired-replicas';
export const MAX = 'deployment.kubernetes.io/max-replicas';

/** The number of pods that one ReplicaSet is to have. */
export interface Resize {
  set: ReplicaSet;
  replicas: number;
}

export const wantedBy = (object: Deployment | ReplicaSet): number => object.spec.replicas ?? 1;
export const isActive = (set: ReplicaSet): boolean => wantedBy(set) > 0;

/** Replicas that the ReplicaSets' specs ask for. */
export const askedOf = (sets: readonly ReplicaSet[]): number => sets.reduce((sum, set) => sum + wantedBy(set), 0);

/** Replicas that the ReplicaSets' statuses show, by one of their counts. */
export const shownBy = (
  sets: readonly ReplicaSet[],
  count: 'replicas' | 'readyReplicas' | 'availableReplicas',
): number => sets.reduce((sum, set) => sum + (set.status?.[count] ?? 0), 0);

export const isRolling = (deployment: Deployment): boolean =>
  (deployment.spec.strategy?.type ?? 'RollingUpdate') === 'RollingUpdate';

/** Both 0 for Recreate, which has neither surge nor a floor. */
export function fenceposts(deployment: Deployment): Fenceposts {
  if (!isRolling(deployment)) return { maxSurge: 0, maxUnavailable: 0 };
  return fencepostsOf(deployment.spec.strategy?.rollingUpdate ?? {}, wantedBy(deployment));
}

/** The annotations that a ReplicaSet has after it was scaled for `deployment`. */
export function sizeAnnotations(deployment: Deployment): Record<string, string> {
  const desired = wantedBy(deployment);
  return { [DESIRED]: String(desired), [MAX]: String(desired + fenceposts(deployment).maxSurge) };
}

/** A number that one of the annotations holds; undefined without it. */
export function annotated(set: ReplicaSet, name: typeof DESIRED | typeof MAX): number | undefined {
  const value = Number.parseInt(set.metadata.annotations?.[name] ?? '', 10);
  return Number.isNaN(value) ? undefined : value;
}

export const byAge = (a: ReplicaSet, b: ReplicaSet): number =>
  (a.metadata.creationTimestamp ?? '').localeCompare(b.metadata.creationTimestamp ?? '') ||
  a.metadata.name.localeCompare(b.metadata.name);
