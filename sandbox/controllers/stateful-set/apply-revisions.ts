/** Keeps a StatefulSet's ControllerRevisions: the current, the update, and a bounded history. */
import { isDeepStrictEqual } from 'node:util';
import { CONTROLLER_REVISIONS } from '../../../lib/ports/resources.ts';
import type { Kube } from '../../../lib/ports.ts';
import { revisionOf } from '../controlled-pod.ts';
import { isControlledBy } from '../controller-ref.ts';
import type { ControllerRevision, Pod, StatefulSet } from '../controller-types.ts';
import { isOvertaken, tolerate } from '../tolerate.ts';
import { newRevision, planHistory, planRevision, revisionData } from './revision.ts';

export interface Revisions {
  current: ControllerRevision;
  update: ControllerRevision;
  collisionCount: number;
}

/** Makes sure that the template has its revision and finds the one that the status calls current (the update's when it is gone). */
export async function applyRevisions(
  kube: Kube,
  set: StatefulSet,
  known: readonly ControllerRevision[],
): Promise<Revisions> {
  const plan = planRevision(set, known);
  let collisionCount = set.status?.collisionCount ?? 0;
  let update: ControllerRevision;
  if (plan.kind === 'keep') update = plan.update;
  else if (plan.kind === 'renumber') update = await renumber(kube, plan.update, plan.revision);
  else ({ update, collisionCount } = await create(kube, set, plan.revision, collisionCount));
  const current = known.find((revision) => revision.metadata.name === set.status?.currentRevision) ?? update;
  return { current, update, collisionCount };
}

/** Deletes what the history limit no longer keeps. */
export async function truncateHistory(
  kube: Kube,
  set: StatefulSet,
  known: readonly ControllerRevision[],
  { current, update }: Revisions,
  pods: readonly Pod[],
): Promise<void> {
  const inUse = new Set([current.metadata.name, update.metadata.name, ...pods.map((pod) => revisionOf(pod) ?? '')]);
  for (const { metadata } of planHistory(set, known, inUse)) {
    const namespace = metadata.namespace ?? '';
    await tolerate(() => kube.delete(CONTROLLER_REVISIONS, metadata.name, { namespace, uid: metadata.uid }));
  }
}

async function renumber(kube: Kube, old: ControllerRevision, revision: number): Promise<ControllerRevision> {
  const options = { type: 'merge', namespace: old.metadata.namespace ?? '' } as const;
  return (await kube.patch(CONTROLLER_REVISIONS, old.metadata.name, { revision }, options)) as ControllerRevision;
}

// A name that is taken is either ours, made a moment ago and not yet in the copy, or another template with the same hash.
async function create(kube: Kube, set: StatefulSet, revision: number, collisions: number) {
  const namespace = set.metadata.namespace ?? '';
  for (let collisionCount = collisions; ; collisionCount += 1) {
    const wanted = newRevision(set, revision, collisionCount);
    try {
      const update = (await kube.create(CONTROLLER_REVISIONS, wanted, { namespace })) as ControllerRevision;
      return { update, collisionCount };
    } catch (error) {
      if (!isOvertaken(error)) throw error;
    }
    const taken = (await kube.get(CONTROLLER_REVISIONS, wanted.metadata.name, { namespace })) as ControllerRevision;
    if (isControlledBy(taken, set) && isDeepStrictEqual(taken.data, revisionData(set)))
      return { update: taken, collisionCount };
  }
}
