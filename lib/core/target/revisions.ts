/** ControllerRevisions: the templates that a StatefulSet has had, and the choice of the one to go back to. */

import { type Refusal, RefusedError, UsageError } from '../errors.ts';
import type { KubeObject } from '../facts/kube-object.ts';
import { advice, kubectl, lines, own } from '../values/command.ts';
import { field, number } from '../values/read.ts';
import { parseTime } from '../values/time.ts';
import type { PodFacts } from './pod.ts';
import type { StatefulSetFacts } from './stateful-set-facts.ts';
import { isSameTemplate } from './template-diff.ts';

/**
 * On the StatefulSet: the name of the revision to go back to. `upgrade` writes the one that the pods had before it changed
 * the image; `rollback` the one that it went to, so that the same command again does not go forward.
 */
export const FORMER_REVISION = 'kubectl-zeroloss/former-revision';

export interface Revision {
  name: string;
  number: number;
  /** Kept when an old template is set again, unlike the number, which is counted up (Kubernetes: equal revisions are reused). */
  createdAtMs: number;
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
      createdAtMs: parseTime(object.metadata.creationTimestamp ?? ''),
      template: field(object, 'data', 'spec', 'template'),
      patch: (field(object, 'data') ?? {}) as Record<string, unknown>,
    }))
    .sort((a, b) => a.number - b.number);
}

/**
 * The revision to go back to: the asked one; else the kept one, which is the present one after a rollback; else the one
 * that outdated pods still have; else the newest that is older than the present one. Throws UsageError when there is none,
 * naming those that there are, and RefusedError where "back" is not clear: the template is older than what outdated pods
 * run, or the kept one is of another upgrade than the one that is on.
 */
export function formerRevision(
  revisions: readonly Revision[],
  set: StatefulSetFacts,
  pods: readonly PodFacts[],
  asked: number | undefined,
): Revision {
  const found =
    asked === undefined ? formerOf(revisions, set, pods) : revisions.find((revision) => revision.number === asked);
  if (found !== undefined) {
    if ('rule' in found) throw new RefusedError([found]);
    return found;
  }
  const known = revisions.map((revision) => revision.number).join(', ') || 'none';
  const all = advice`revisions: ${known}; ${kubectl('rollout', 'history', `statefulset/${set.name}`)} shows them`;
  if (asked !== undefined) throw new UsageError(`statefulset/${set.name} has no revision ${asked}`, all);
  const left = leftByRollback(revisions, set);
  const none = `statefulset/${set.name} has no former revision to go back to`;
  if (left === undefined) throw new UsageError(none, all);
  throw new UsageError(
    `${none}: its template is an older one already, set again after revision ${left.number}`,
    lines(
      own('rollback', set.name, '--to-revision', String(left.number)).note('sets the template again that was left'),
      all,
    ),
  );
}

/**
 * The revision that the present template becomes with these images, where it has been before: Kubernetes uses an equal one again,
 * and pods of it are updated at once. Undefined: a new one is made.
 */
export function revisionWith(
  revisions: readonly Revision[],
  { updateRevision }: StatefulSetFacts,
  images: Readonly<Record<string, string>>,
): Revision | undefined {
  const current = revisions.find(({ name }) => name === updateRevision);
  if (current === undefined) return undefined;
  const wished = withImages(current.template, images);
  return revisions.find((each) => each !== current && isSameTemplate(wished, each.template));
}

function withImages(template: unknown, images: Readonly<Record<string, string>>): unknown {
  const spec = Object(field(template, 'spec'));
  const renewed = (containers: unknown): unknown =>
    Array.isArray(containers)
      ? containers.map((one: { name?: string }) => {
          const image = images[one.name ?? ''];
          return image === undefined ? one : { ...one, image };
        })
      : containers;
  const { containers, initContainers } = spec;
  const changed = { ...spec, containers: renewed(containers) };
  const init = initContainers === undefined ? {} : { initContainers: renewed(initContainers) };
  return { ...Object(template), spec: { ...changed, ...init } };
}

/** The revision that was left for an older template: a lower number than the present one's, and made later. */
function leftByRollback(revisions: readonly Revision[], set: StatefulSetFacts): Revision | undefined {
  const current = revisions.find(({ name }) => name === set.updateRevision);
  if (current === undefined) return undefined;
  return revisions.findLast(({ number, createdAtMs }) => number < current.number && createdAtMs > current.createdAtMs);
}

/** The revision to go back to; why it is not clear which one that is; undefined where there is none. */
export function formerOf(
  revisions: readonly Revision[],
  set: StatefulSetFacts,
  pods: readonly PodFacts[],
): Revision | Refusal | undefined {
  const byName = (name: string | undefined) => revisions.find((revision) => revision.name === name);
  const current = byName(set.updateRevision);
  const kept = byName(set.annotations[FORMER_REVISION]);
  if (kept !== undefined && kept === current) return kept;
  const outdated = outdatedNames(set, pods);
  const running = outdatedRevision(revisions, set, pods);
  // After a rollback the one that was left has the next lower number, and was made later: it is not where "back" is.
  const older = revisions.findLast(
    (revision) =>
      current === undefined || (revision.number < current.number && !(revision.createdAtMs > current.createdAtMs)),
  );
  if (kept !== undefined) {
    if (running === undefined ? kept === older : outdated.includes(kept.name)) return kept;
    return otherUpgrade(set, kept, running ?? older);
  }
  if (running !== undefined && current !== undefined && current.createdAtMs < running.createdAtMs)
    return alreadyBack(set, current, running);
  return running ?? older;
}

const outdatedNames = (set: StatefulSetFacts, pods: readonly PodFacts[]): string[] =>
  pods.map(({ revision }) => revision).filter((revision) => revision !== '' && revision !== set.updateRevision);

/** The revision that most outdated pods run; undefined where no pod is outdated, and where it is kept no longer. */
export function outdatedRevision(
  revisions: readonly Revision[],
  set: StatefulSetFacts,
  pods: readonly PodFacts[],
): Revision | undefined {
  const name = mostFrequent(outdatedNames(set, pods));
  return revisions.find((revision) => revision.name === name);
}

/** Somebody has ended the upgrade that was kept by hand, and set another template since. */
const otherUpgrade = (set: StatefulSetFacts, kept: Revision, present: Revision | undefined): Refusal => ({
  rule: 'back-is-clear',
  message: `statefulset/${set.name} was to go back to revision ${kept.number} when an earlier upgrade began (annotation ${FORMER_REVISION}), ${present === undefined ? 'and no other one is older than its template' : `and ${present.number} is what it comes from now`}: it is not clear which of them to go back to`,
  override: `--to-revision ${(present ?? kept).number}`,
  cure: kubectl('rollout', 'history', `statefulset/${set.name}`).note('shows what each revision was'),
});

/** Somebody has put an older template back by hand: what outdated pods run is then what was to be left. */
const alreadyBack = (set: StatefulSetFacts, current: Revision, running: Revision): Refusal => ({
  rule: 'back-is-clear',
  message: `the template of statefulset/${set.name} (revision ${current.number}) is older than revision ${running.number}, which outdated pods run: it seems to be set back already`,
  override: `--to-revision ${running.number}`,
  cure: own('advance', set.name).note(`brings those pods back to revision ${current.number}`),
});

/** Of equally frequent ones the first. */
export function mostFrequent(names: readonly string[]): string | undefined {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0];
}
