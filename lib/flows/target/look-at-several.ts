/** The looks of one verb at several targets, and the part of its outcome that does not depend on the verb: check, plan and status of many. */

import { some } from '../../core/check/findings.ts';
import type { ZerolossError } from '../../core/errors.ts';
import { type Asked, type Differing, differing, placedName, type TargetPlace } from '../../core/intent/target-place.ts';
import type { Outcome } from '../../core/outcome/outcome.ts';
import type { CheckTarget } from '../../core/target/target.ts';
import type { World } from '../../ports.ts';
import { eachTarget, worstOf } from './each-target.ts';
import { type FoundTarget, findTargets, unreachedData } from './find-targets.ts';

/** Asked of a verb on several targets, besides its own wish. */
export interface SeveralIntent extends Asked {
  /** How long each of several may take, 0 for no limit; absent: no limit. */
  eachMs?: number;
}

/** The same, of a verb that takes StatefulSets alone. */
export interface SetsIntent extends Omit<SeveralIntent, 'targets'> {
  names: readonly string[];
}

/** One of several as `-o json` has it. */
interface OneSeen extends CheckTarget, TargetPlace {
  exitCode: number;
  /** The reason why it could not be looked at. */
  error?: string;
}

export interface LooksAt<T> {
  /** Whether Deployments are found too. */
  deployments: boolean;
  look: (target: FoundTarget, differ: Differing) => Promise<T>;
  failed: (target: FoundTarget, error: ZerolossError, differ: Differing) => T;
}

export interface Several<T extends { data: OneSeen }> {
  /** In the order in which the targets were found. */
  seen: readonly T[];
  differ: Differing;
  called: (one: OneSeen) => string;
  /** Contexts in which nothing could be looked for, each with its error. */
  unreached: readonly { context: string; message: string }[];
  /** The targets, and the contexts that were not reached. */
  asked: number;
  /** The exit code is the worst of all, of contexts that were not reached too. */
  outcome: Pick<Outcome, 'target' | 'dryRun' | 'exitCode' | 'changed' | 'results'>;
  details: { targets: readonly T['data'][]; unreached?: readonly { context: string; message: string }[] };
}

/** The name that is asked for alone, in one cluster: the verb then looks at it as if there were no others. */
export const aloneIn = <T>({ clusters }: World, asked: readonly T[]): T | undefined =>
  asked.length === 1 && clusters === undefined ? asked[0] : undefined;

/** A few at once; one that fails does not hide the others. Throws UsageError when nothing is found. */
export async function lookAtSeveral<T extends { data: OneSeen }>(
  world: World,
  { eachMs = 0, ...asked }: SeveralIntent,
  { deployments, look, failed }: LooksAt<T>,
): Promise<Several<T>> {
  const { found, unreached } = await findTargets(world, asked, { deployments });
  const differ = differingFrom(world, found, unreached);
  const seen = await eachTarget(
    world,
    found,
    eachMs,
    (target) => look(target, differ),
    (target, error) => failed(target, error, differ),
  );
  const targets = seen.map(({ data }): T['data'] => data);
  const codes = [...targets.map(({ exitCode }) => exitCode), ...unreached.map(({ error }) => error.exitCode)];
  const notReached = unreached.map(unreachedData);
  return {
    seen,
    differ,
    called: (one) => placedName(typedName(one), one, differ),
    unreached: notReached,
    asked: codes.length,
    outcome: {
      target: { namespace: world.kube.namespace, name: found.map(typedName).join(',') },
      dryRun: 'none',
      exitCode: worstOf(codes),
      changed: false,
      results: [],
    },
    details: { targets, ...(notReached.length > 0 ? { unreached: notReached } : {}) },
  };
}

/** As their commands are typed from here: several clusters were asked for, or the only namespace is not this one. */
export const differingFrom = (
  { clusters, kube }: World,
  found: readonly FoundTarget[],
  unreached: readonly { context: string }[],
): Differing => ({
  ...differing(
    found.map(({ place }) => place),
    unreached,
  ),
  away: {
    context: clusters !== undefined,
    namespace: found.some(({ place }) => place.namespace !== kube.namespace),
  },
});

const typedName = ({ kind, name }: CheckTarget): string => (kind === undefined ? name : `${kind}/${name}`);

/** The names that a message gives. */
const NAMED = 10;

export const someNamed = (names: readonly string[]): string => some(names, NAMED);

/** `1 of 3 cannot be shown: web: statefulsets.apps "web" not found`; empty when all could be looked at. */
export function notLookedAt<T extends { data: OneSeen }>(
  { details: { targets }, unreached, asked, called }: Several<T>,
  done: string,
): string[] {
  const failed = [
    ...targets.flatMap((each) => (each.error === undefined ? [] : [`${called(each)}: ${each.error}`])),
    ...unreached.map(({ context, message }) => `context ${context}: ${message}`),
  ];
  return failed.length === 0 ? [] : [`${failed.length} of ${asked} cannot be ${done}: ${someNamed(failed)}`];
}
