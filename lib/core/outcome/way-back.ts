/** The way back from where a StatefulSet stands: the one place that judges whether `rollback` leads back, and under which words. */

import type { PodFacts } from '../target/pod.ts';
import { FORMER_REVISION, formerOf, outdatedRevision, type Revision } from '../target/revisions.ts';
import type { StatefulSetFacts } from '../target/stateful-set-facts.ts';
import { type CommandAdvice, own } from '../values/command.ts';

export interface WayBack {
  command: CommandAdvice;
  /** The template that it sets, in words. */
  template: string;
}

/**
 * The command that leaves the present template for the one before it; undefined where there is none, or none is known. Once the
 * template is the kept one, a rollback without a revision changes nothing: then it names the revision that outdated pods run.
 * `revisions`: undefined where they cannot be read.
 */
export function wayBack(
  set: StatefulSetFacts,
  pods: readonly PodFacts[],
  revisions?: readonly Revision[],
): WayBack | undefined {
  const plain: WayBack = { command: own('rollback', set.name), template: 'the former template' };
  // The status still shows the revision before the last change of the template.
  if (!set.observed) return plain;
  const isKnown = revisions?.some(({ name }) => name === set.updateRevision) === true;
  if (!isKnown) return set.annotations[FORMER_REVISION] === set.updateRevision ? undefined : plain;
  const former = formerOf(revisions, set, pods);
  if (former !== undefined && 'name' in former && former.name !== set.updateRevision) return plain;
  const left = outdatedRevision(revisions, set, pods);
  if (left === undefined) return undefined;
  return {
    command: own('rollback', set.name, '--to-revision', String(left.number)),
    template: 'the template that outdated pods run',
  };
}
