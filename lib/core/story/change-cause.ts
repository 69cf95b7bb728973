/** Why a revision was made, as its maker noted it: what `kubectl rollout history` shows as CHANGE-CAUSE. */
import type { KubeObject } from '../facts/kube-object.ts';
import { readRevisions } from '../target/revisions.ts';
import type { StatefulSetFacts } from '../target/stateful-set-facts.ts';
import { oneLine } from '../values/read.ts';

/** Set by people and by deployment tools; the controller copies it to the revision that it makes (Kubernetes: well-known annotations). */
const CHANGE_CAUSE = 'kubernetes.io/change-cause';

export interface ChangeCause {
  /** The number of the ControllerRevision, as --to-revision takes it. */
  revision: number;
  /** Its name, as pods and steps carry it. */
  name: string;
  cause: string;
}

/**
 * Of the revisions that have one, oldest first. A cause that was noted on the StatefulSet after its newest revision was made
 * counts for that revision where it has none of its own.
 */
export function changeCauses(objects: readonly KubeObject[], set: StatefulSetFacts): ChangeCause[] {
  const noted = new Map(objects.map(({ metadata }) => [metadata.name, metadata.annotations?.[CHANGE_CAUSE]]));
  return readRevisions(objects, set).flatMap(({ number: revision, name }) => {
    const own = noted.get(name) || undefined;
    const cause = own ?? (name === set.updateRevision ? set.annotations[CHANGE_CAUSE] || undefined : undefined);
    return cause === undefined ? [] : [{ revision, name, cause }];
  });
}

/** One line, for people. */
export const causeLine = ({ revision, name, cause }: ChangeCause): string =>
  `change-cause of revision ${revision} (${name}): ${oneLine(cause)}`;
