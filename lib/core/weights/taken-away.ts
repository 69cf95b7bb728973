/** Updated pods that another writer has drained after a run had finished them. The run takes that for a wish and leaves them at 0. */

import { ConflictError } from '../errors.ts';
import type { Facts } from '../facts/facts.ts';
import { formatOrdinals, ordinalsText, without } from '../target/ordinals.ts';
import { isOutdated } from '../target/pod.ts';
import { lines, own } from '../values/command.ts';
import { toGoOn } from '../values/way.ts';

/** UIDs of the updated pods that have their weight on every Service and port. A replacement has another UID. Pure. */
export function weightedPods({ set, pods, drainSet }: Pick<Facts, 'set' | 'pods' | 'drainSet'>): string[] {
  const zero = new Set(drainSet);
  return pods.filter((pod) => !zero.has(pod.ordinal) && !isOutdated(pod, set)).map(({ uid }) => uid);
}

/**
 * Ordinals whose updated pod had its weight at an earlier look (`weighted`, by UID) and is at 0 now, although this run has drained
 * none of them: `own` are those that it has. A zero that no record of ours explains stays in any case, and is none of these. Pure.
 */
export function takenAway(
  { set, pods, drainSet, byHand }: Pick<Facts, 'set' | 'pods' | 'drainSet' | 'byHand'>,
  weighted: ReadonlySet<string>,
  own: ReadonlySet<number>,
): number[] {
  const zero = new Set(without(drainSet, byHand));
  return pods
    .filter((pod) => weighted.has(pod.uid) && zero.has(pod.ordinal) && !own.has(pod.ordinal) && !isOutdated(pod, set))
    .map(({ ordinal }) => ordinal);
}

/** The end of a run that would give them their weight again. `before`: the facts of the look before, for the writers since. */
export function takenAwayError(
  before: Facts | undefined,
  { set, services }: Facts,
  taken: readonly number[],
): ConflictError {
  const earlier = new Set(before?.services.flatMap(({ service }) => service.otherWriters ?? []));
  const since = services.flatMap(({ service }) => service.otherWriters ?? []).filter((each) => !earlier.has(each));
  const writers = since.length === 0 ? '' : ` (the annotation was written by ${since.join(', ')})`;
  return new ConflictError(
    `another writer has drained ${ordinalsText(taken)} of statefulset/${set.name}, updated and under traffic until then${writers}: nothing is given back there`,
    lines(
      own('history', set.name).note('shows who did it, where that was one of our verbs'),
      own('status', set.name).note('shows each pod'),
      own('restore', set.name, formatOrdinals(taken)).note('gives weight there again'),
      toGoOn('the same command again, once they agree: it gives weight there too'),
    ),
  );
}
