/** ControllerRevisions: the templates that a StatefulSet has had, and the choice of the one to go back to. */
import { UsageError } from '../errors.ts';
import type { KubeObject } from '../ports.ts';
import type { PodFacts } from './pod.ts';
import { field, number } from './read.ts';
import type { StatefulSetFacts } from './stateful-set.ts';

/** On the StatefulSet: the name of the revision that the pods had before `upgrade` changed the image. */
export const FORMER_REVISION = 'kubectl-zeroloss/former-revision';

export interface Revision {
  name: string;
  number: number;
  template: unknown;
  /** The strategic merge patch that `kubectl rollout undo` sends: the revision's own data, verbatim. */
  patch: Record<string, unknown>;
}

/** The StatefulSet's own revisions (by owner UID), oldest first. */
export function readRevisions(objects: readonly KubeObject[], set: StatefulSetFacts): Revision[] {
  return objects
    .filter((object) => object.metadata.ownerReferences?.some((owner) => owner.uid === set.uid))
    .map((object) => ({
      name: object.metadata.name,
      number: number(object, 'revision') ?? 0,
      template: field(object, 'data', 'spec', 'template'),
      patch: (field(object, 'data') ?? {}) as Record<string, unknown>,
    }))
    .sort((a, b) => a.number - b.number);
}

/**
 * The revision to go back to: the asked one; else the recorded one; else the one that outdated pods still have;
 * else the one before the newest. Throws UsageError when there is none, naming those that there are.
 */
export function formerRevision(
  revisions: readonly Revision[],
  set: StatefulSetFacts,
  pods: readonly PodFacts[],
  asked: number | undefined,
): Revision {
  const found =
    asked === undefined ? derive(revisions, set, pods) : revisions.find((revision) => revision.number === asked);
  if (found !== undefined) return found;
  const known = revisions.map((revision) => revision.number).join(', ') || 'none';
  throw new UsageError(
    asked === undefined
      ? `statefulset/${set.name} has no former revision to go back to`
      : `statefulset/${set.name} has no revision ${asked}`,
    `revisions: ${known}; kubectl rollout history statefulset/${set.name} shows them`,
  );
}

function derive(
  revisions: readonly Revision[],
  set: StatefulSetFacts,
  pods: readonly PodFacts[],
): Revision | undefined {
  const byName = (name: string | undefined) =>
    revisions.find((revision) => revision.name === name && name !== set.updateRevision);
  const outdated = pods
    .map((pod) => pod.revision)
    .filter((revision) => revision !== '' && revision !== set.updateRevision);
  const current =
    revisions.find((revision) => revision.name === set.updateRevision)?.number ?? Number.POSITIVE_INFINITY;
  return (
    byName(set.annotations[FORMER_REVISION]) ??
    byName(mostFrequent(outdated)) ??
    revisions.findLast((revision) => revision.number < current)
  );
}

function mostFrequent(names: readonly string[]): string | undefined {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0];
}
