/** One step of a RollingUpdate, as data: never more pods than the surge allows, never fewer available than the floor (Kubernetes: rolloutRolling). */
import type { Deployment, ReplicaSet } from '../controller-types.ts';
import { askedOf, byAge, fenceposts, isRolling, type Resize, shownBy, wantedBy } from './replicas.ts';

/** How many replicas the new ReplicaSet gets, `others` being all the rest (Kubernetes: NewRSNewReplicas). */
export function sizeOfNew(deployment: Deployment, present: number, others: readonly ReplicaSet[]): number {
  const desired = wantedBy(deployment);
  if (!isRolling(deployment)) return desired;
  if (present > desired) return desired;
  const room = desired + fenceposts(deployment).maxSurge - askedOf(others) - present;
  return room <= 0 ? present : present + Math.min(room, desired - present);
}

/** The next change: the new ReplicaSet grows first, and only when it cannot, old ones shrink. Empty: nothing, for now. */
export function planRolling(deployment: Deployment, fresh: ReplicaSet, old: readonly ReplicaSet[]): Resize[] {
  const replicas = sizeOfNew(deployment, wantedBy(fresh), old);
  return replicas === wantedBy(fresh) ? shrinkOld(deployment, fresh, old) : [{ set: fresh, replicas }];
}

/** Kubernetes: reconcileOldReplicaSets. An unavailable pod goes first: it serves no one. */
function shrinkOld(deployment: Deployment, fresh: ReplicaSet, old: readonly ReplicaSet[]): Resize[] {
  if (askedOf(old) === 0) return [];
  const floor = wantedBy(deployment) - fenceposts(deployment).maxUnavailable;
  const unavailableNew = wantedBy(fresh) - shownBy([fresh], 'availableReplicas');
  const removable = askedOf(old) + wantedBy(fresh) - floor - unavailableNew;
  if (removable <= 0) return [];
  const sizes = new Map(old.toSorted(byAge).map((set) => [set, wantedBy(set)]));
  shrink(sizes, removable, (set, size) => size - shownBy([set], 'availableReplicas'));
  shrink(sizes, shownBy([...old, fresh], 'availableReplicas') - floor, (_, size) => size);
  return [...sizes]
    .filter(([set, replicas]) => replicas !== wantedBy(set))
    .map(([set, replicas]) => ({ set, replicas }));
}

/** Takes at most `total` replicas, and from each ReplicaSet at most what `spare` allows, oldest first. */
function shrink(sizes: Map<ReplicaSet, number>, total: number, spare: (set: ReplicaSet, size: number) => number): void {
  let left = Math.max(0, total);
  for (const [set, size] of sizes) {
    const taken = Math.min(left, Math.max(0, Math.min(size, spare(set, size))));
    sizes.set(set, size - taken);
    left -= taken;
  }
}
