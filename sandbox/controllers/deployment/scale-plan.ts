/** A changed `replicas` in the middle of a rollout: every ReplicaSet gets its share of the change (Kubernetes: scale, GetReplicaSetProportion). */
import type { Deployment, ReplicaSet } from '../controller-types.ts';
import {
  annotated,
  askedOf,
  byAge,
  DESIRED,
  fenceposts,
  isActive,
  isRolling,
  MAX,
  type Resize,
  shownBy,
  wantedBy,
} from './replicas.ts';

/** Whether the Deployment wants another number of replicas than when its ReplicaSets were last scaled. */
export function isScaling(deployment: Deployment, sets: readonly ReplicaSet[]): boolean {
  return sets.filter(isActive).some((set) => {
    const before = annotated(set, DESIRED);
    return before !== undefined && before !== wantedBy(deployment);
  });
}

/** `fresh` is the ReplicaSet of the present template, if there is one yet. The annotations of every set named have to be renewed. */
export function planScale(deployment: Deployment, fresh: ReplicaSet | undefined, old: readonly ReplicaSet[]): Resize[] {
  const desired = wantedBy(deployment);
  const only = activeOrLatest(fresh, old);
  if (only !== undefined) return wantedBy(only) === desired ? [] : [{ set: only, replicas: desired }];
  if (fresh !== undefined && isSaturated(deployment, fresh))
    return old.filter(isActive).map((set) => ({ set, replicas: 0 }));
  return isRolling(deployment) ? inProportion(deployment, fresh === undefined ? old : [...old, fresh]) : [];
}

function inProportion(deployment: Deployment, sets: readonly ReplicaSet[]): Resize[] {
  const active = sets.filter(isActive);
  const desired = wantedBy(deployment);
  const allowed = desired > 0 ? desired + fenceposts(deployment).maxSurge : 0;
  const toAdd = allowed - askedOf(active);
  // The largest first; of equal ones the newest grows first, and the oldest shrinks first.
  const ordered = active.toSorted((a, b) => wantedBy(b) - wantedBy(a) || (toAdd > 0 ? byAge(b, a) : byAge(a, b)));
  let added = 0;
  const resizes = ordered.map((set) => {
    const share = toAdd === 0 || toAdd === added ? 0 : shareOf(deployment, set);
    const change = toAdd > 0 ? Math.min(share, toAdd - added) : Math.max(share, toAdd - added);
    added += change;
    return { set, replicas: wantedBy(set) + change };
  });
  const [first] = resizes;
  if (first !== undefined) first.replicas = Math.max(0, first.replicas + toAdd - added);
  return resizes;
}

function shareOf(deployment: Deployment, set: ReplicaSet): number {
  const size = wantedBy(set);
  if (wantedBy(deployment) === 0) return -size;
  const before = annotated(set, MAX) || (deployment.status?.replicas ?? 0);
  if (before === 0) return 0;
  return Math.round((size * (wantedBy(deployment) + fenceposts(deployment).maxSurge)) / before) - size;
}

/** The one ReplicaSet that matters: the only active one, or with none active the newest; undefined while several are. */
function activeOrLatest(fresh: ReplicaSet | undefined, old: readonly ReplicaSet[]): ReplicaSet | undefined {
  const active = [...(fresh === undefined ? [] : [fresh]), ...old].filter(isActive);
  if (active.length === 0) return fresh ?? old.toSorted(byAge).at(-1);
  return active.length === 1 ? active[0] : undefined;
}

function isSaturated(deployment: Deployment, set: ReplicaSet): boolean {
  const desired = wantedBy(deployment);
  return (
    annotated(set, DESIRED) === desired && wantedBy(set) === desired && shownBy([set], 'availableReplicas') === desired
  );
}
