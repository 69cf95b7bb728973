/**
 * Weights of drained pods that another writer has given back, and zeros that do not reach every port yet. The first is a wish, the
 * second is a drain to finish: a Service or a port has come since, or one of several writes did not go through.
 */

import { ConflictError } from '../errors.ts';
import { portKeys } from '../facts/backends.ts';
import type { Facts, ServiceWeights } from '../facts/facts.ts';
import { intersection, ordinalsText, without } from '../target/ordinals.ts';
import { ordinalsOf } from '../target/stateful-set-facts.ts';
import { type Advice, lines, own } from '../values/command.ts';
import { way } from '../values/way.ts';
import { zerosOn } from './drain-set.ts';
import { keyText } from './rs-weight.ts';

/** Of these ordinals those that are at 0 on some port and not on every one: nothing comes to zero there before they are drained again. */
export const unevenOf = ({ drainSet, atZero }: Pick<Facts, 'drainSet' | 'atZero'>, ordinals: readonly number[]) =>
  intersection(ordinals, without(drainSet, atZero));

/**
 * Of these ordinals those whose weight another writer has given back: at 0 nowhere now, or no longer on a port that a Service has
 * now as it had it in `before`. Pure.
 */
export function givenBack(before: Facts | undefined, now: Facts, ordinals: readonly number[]): readonly number[] {
  const lost = before === undefined ? [] : lostSince(before, now);
  const zero = new Set(now.drainSet);
  return ordinals.filter((ordinal) => !zero.has(ordinal) || lost.includes(ordinal));
}

/**
 * Of these ordinals those that have lost the 0 of a Service and port that are still there: by this drain none of them comes to zero any
 * more. One that is being scaled away does. Pure.
 */
export const weightAgain = (before: Facts, now: Facts, ordinals: readonly number[]): readonly number[] =>
  intersection(intersection(ordinals, ordinalsOf(now.set)), lostSince(before, now));

function lostSince(before: Facts, now: Facts): number[] {
  const former = new Map(before.services.map((weights) => [weights.service.name, weights]));
  return now.services.flatMap((weights) => {
    const was = former.get(weights.service.name);
    return was === undefined ? [] : zerosLost(was, weights, now.set.name);
  });
}

function zerosLost(was: ServiceWeights, now: ServiceWeights, statefulSet: string): number[] {
  if (was.service.resourceVersion === now.service.resourceVersion) return [];
  const had = new Set(portKeys(was.service).map(keyText));
  return portKeys(now.service)
    .filter((key) => had.has(keyText(key)))
    .flatMap((key) =>
      without(zerosOn(was.current?.document, key, statefulSet), zerosOn(now.current?.document, key, statefulSet)),
    );
}

/** The end of a run that has found them drained, or has drained them itself. */
export const givenBackError = (statefulSet: string, restored: string): ConflictError =>
  new ConflictError(
    `another writer has given weight back to ${restored} of statefulset/${statefulSet}, which this run was about to replace: nothing is drained again`,
    lines(
      own('status', statefulSet).note('shows each pod'),
      way('on', 'the same command goes on, and drains them again'),
    ),
  );

/** The end of a wait for zero, and of nothing else: `ways` name what can be done about it. */
export const weightAgainError = (
  statefulSet: string,
  back: readonly number[],
  ...ways: readonly Advice[]
): ConflictError =>
  new ConflictError(
    `another writer has given weight back to ${ordinalsText(back)} of statefulset/${statefulSet}: ${back.length === 1 ? 'it does' : 'they do'} not come to zero by this drain`,
    lines(own('status', statefulSet).note('shows each pod'), ...ways),
  );
