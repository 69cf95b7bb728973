/** wait-zero: waits until every backend of the drain set is at zero, for the whole stability window, on every source. */

import { type ConflictError, NotYetError, RefusedError } from '../../core/errors.ts';
import type { Facts } from '../../core/facts/facts.ts';
import type { WaitZeroIntent } from '../../core/intent/intent.ts';
import { outcome } from '../../core/outcome/build-outcome.ts';
import type { Outcome } from '../../core/outcome/outcome.ts';
import { firstDrain, nextCommands } from '../../core/plan/next-command.ts';
import { notDone } from '../../core/plan/skip-done.ts';
import { advisedDrain } from '../../core/safety/advised-drain.ts';
import { areUnborn } from '../../core/status/unborn.ts';
import { formatOrdinals, intersection, ordinalsText, without } from '../../core/target/ordinals.ts';
import { isOutdated, type PodFacts } from '../../core/target/pod.ts';
import { surplusOrdinals } from '../../core/target/surplus.ts';
import { type CommandAdvice, own } from '../../core/values/command.ts';
import { toGoOn, way } from '../../core/values/way.ts';
import { weightAgainError } from '../../core/weights/given-back.ts';
import { notScaledAway } from '../../core/zero/overtaken.ts';
import type { World } from '../../ports.ts';
import { deadlineOf } from '../guard/deadline.ts';
import { runningVerb } from '../guard/other-operator.ts';
import { softly } from '../guard/softly.ts';
import { warnOfInside } from '../safety/inside-services.ts';
import { seenServing } from '../safety/seen-serving.ts';
import { serviceRefusals } from '../safety/service-refusals.ts';
import { gather } from '../target/gather.ts';
import { warnOfLeftBehind } from '../target/orphaned-weights.ts';
import { leaveProof } from '../weights/remember-zero.ts';
import { awaitZero } from '../zero/await-zero.ts';
import { rejectWeight, waitForLeft } from '../zero/wait-on-same.ts';
import { openZeroWatch, type ZeroLook, type ZeroWatch } from '../zero/zero-watch.ts';
import { openZeroWatches } from '../zero/zero-watches.ts';

/**
 * Throws RefusedError when nothing is drained or nothing can count, ConflictError (exit 5) when another writer has given weight back to
 * one of the pods, NotYetError (exit 6) at the time-out, with the holders named. A pod that is scaled away meanwhile is not waited for.
 * `opened`: a watch of the same pods, for a caller that goes on with its readings.
 */
export async function waitZero(world: World, intent: WaitZeroIntent, opened?: ZeroWatch): Promise<Outcome> {
  const deadlineMs = deadlineOf(world, intent);
  const facts = await gather(world, intent);
  warnOfLeftBehind(world, facts);
  warnOfInside(world, facts);
  const asked =
    intent.skipDone === true && intent.ordinals !== undefined ? leftToWait(facts, intent.ordinals) : intent.ordinals;
  if (asked?.length === 0) return doneAlready(facts, intent);
  const drained = await drainedOrdinals(world, facts, asked);
  if (drained.length === 0) return nothingLeft(world, facts, intent, facts.drainSet);
  const ordinals = intent.any === true ? leftToReplace(facts, drained) : drained;
  if (ordinals.length === 0) return doneAlready(facts, { ...intent, ordinals: drained });
  const several = intent.any === true ? openZeroWatches(world, intent, ordinals) : undefined;
  // One pod of a surplus at zero brings nothing further: it is scaled away as a whole.
  const together = isAllSurplus(facts, ordinals) ? 'all' : 'any';
  const isAny = several !== undefined && together === 'any';
  const open = (left: readonly number[]): ZeroWatch =>
    opened ?? several?.as(together, left) ?? openZeroWatch(world, intent, left);
  const ended = await waitForLeft(world, facts, ordinals, {
    open,
    replaced: () => several?.replaced() ?? [],
    wait: (watch) => awaitHeld(world, facts, watch, { deadlineMs, isAny }),
  });
  const { left, zero } = ended;
  if (zero === undefined) return nothingLeft(world, ended.facts, intent, ordinals);
  if (intent.leavesProof === true && intent.dryRun === 'none') await prove(world, intent, zero.watch, zero.look);
  return several === undefined
    ? zeroOutcome(facts, intent, left, zero.look)
    : anyOutcome(facts, intent, { ordinals: left, atZero: several.atZero() }, zero.look);
}

/** The wait, which weight that another writer has given back ends: with `isAny` only where it is given back to all of them. */
function awaitHeld(
  world: World,
  before: Facts,
  watch: ZeroWatch,
  { deadlineMs, isAny }: { deadlineMs: number; isAny: boolean },
): Promise<ZeroLook> {
  const { name } = before.set;
  const { ordinals } = watch;
  const rejects = async (back: readonly number[], now: Facts): Promise<ConflictError | undefined> => {
    const others = without(ordinals, back);
    if (isAny && others.length > 0) return undefined;
    const again = advisedDrain(now, back, await seenServing(world, now));
    return weightAgainError(
      name,
      back,
      ...(others.length === 0
        ? []
        : [own('wait-zero', name, formatOrdinals(others)).note(`goes on waiting for ${ordinalsText(others)}`)]),
      toGoOn(again),
    );
  };
  return awaitZero(world, rejectWeight(before, watch, rejects), {
    ...{ name, ordinals, deadlineMs },
    timeOut: (lines, { details }) =>
      new NotYetError(
        `${isAny ? 'none of ' : ''}${ordinalsText(ordinals)} of statefulset/${name} ${isAny ? 'is' : 'not'} at zero yet: ${lines.join('; ')}`,
        way('on', 'no weight was changed and no pod deleted; the same command goes on waiting'),
        details,
      ),
  });
}

/** With `--any`: which pods are at zero, and which are not yet. */
function anyOutcome(
  facts: Facts,
  intent: WaitZeroIntent,
  { ordinals, atZero }: { ordinals: readonly number[]; atZero: readonly number[] },
  look: ZeroLook,
): Outcome {
  const left = without(ordinals, atZero);
  const { details, ...rest } = zeroOutcome(facts, intent, atZero, look);
  return {
    ...rest,
    ...(left.length === 0 ? {} : { message: `not at zero yet: ${ordinalsText(left)}` }),
    ...(isAllSurplus(facts, atZero) ? {} : { next: [own('recreate', intent.name, '--at-zero')] }),
    details: { ...details, atZero, left },
  };
}

/** Of the drained ones: a pod that is updated, or on its way, has been at zero. A surplus is waited for once no other is. */
function leftToReplace({ set, pods }: Facts, drained: readonly number[]): readonly number[] {
  const surplus = surplusOrdinals(set);
  const isLeft = (pod: PodFacts) => !pod.terminating && (isOutdated(pod, set) || surplus.includes(pod.ordinal));
  const left = intersection(
    drained,
    pods.filter(isLeft).map(({ ordinal }) => ordinal),
  );
  const stay = without(left, surplus);
  return stay.length > 0 ? stay : left;
}

const isAllSurplus = ({ set }: Facts, ordinals: readonly number[]): boolean =>
  without(ordinals, surplusOrdinals(set)).length === 0;

async function prove(world: World, intent: WaitZeroIntent, watch: ZeroWatch, { facts }: ZeroLook): Promise<void> {
  const proof = watch.proof();
  // The pods are at zero, whether that can be kept or not.
  if (proof !== undefined) await softly(world, () => leaveProof(world, intent, facts, proof));
}

/** An updated pod has been at zero, or is new: waits only for outdated pods and a surplus. */
function leftToWait(facts: Facts, ordinals: readonly number[]): readonly number[] {
  const surplus = surplusOrdinals(facts.set);
  const updated = facts.pods.filter((pod) => !isOutdated(pod, facts.set)).map((pod) => pod.ordinal);
  return without(notDone(facts, ordinals), without(updated, surplus));
}

const doneAlready = (facts: Facts, intent: WaitZeroIntent): Outcome =>
  outcome('wait-zero', facts, intent, {
    results: [],
    message: `there is nothing to wait for: ${ordinalsText(intent.ordinals ?? [])} updated, or gone`,
  });

/** The drain set, or the asked part of it. Refuses what is not drained: an idle pod with weight gets its next connection any moment. */
export async function drainedOrdinals(
  world: World,
  facts: Facts,
  asked: readonly number[] | undefined,
): Promise<readonly number[]> {
  const refusals = await serviceRefusals(world, facts);
  const undrained = without(asked ?? [], facts.drainSet);
  const seen = () => seenServing(world, facts);
  if (refusals.length === 0 && facts.drainSet.length === 0) {
    refusals.push({
      rule: 'drained',
      message: `nothing of statefulset/${facts.set.name} is drained: no Service holds an ordinal at weight 0`,
      cure: asked === undefined ? firstDrain(facts, await seen()) : advisedDrain(facts, asked, await seen()),
    });
  } else if (undrained.length > 0) {
    refusals.push({
      rule: 'drained',
      message: `${ordinalsText(undrained)} of statefulset/${facts.set.name} ${undrained.length === 1 ? 'is' : 'are'} not drained (the drain set is ${formatOrdinals(facts.drainSet)})`,
      cure: advisedDrain(facts, undrained, await seen()),
    });
  }
  if (refusals.length > 0) throw new RefusedError(refusals);
  return asked ?? notScaledAway(facts, facts.drainSet);
}

/** The drained pods were scaled away, or a surge is about to add them: there is no connection, and no pod that could have one. */
async function nothingLeft(
  world: World,
  facts: Facts,
  intent: WaitZeroIntent,
  ordinals: readonly number[],
): Promise<Outcome> {
  const isUnborn = areUnborn(facts, await runningVerb(world, intent.name));
  const one = ordinals.length === 1;
  const state = isUnborn ? `${one ? 'is' : 'are'} not created yet` : `no longer ${one ? 'exists' : 'exist'}`;
  return outcome('wait-zero', facts, intent, {
    results: [],
    message: `there is nothing to wait for: drained ${ordinalsText(ordinals)} of statefulset/${facts.set.name} ${state}`,
    next: [isUnborn ? own('status', intent.name) : own('restore', intent.name)],
  });
}

function zeroOutcome(facts: Facts, intent: WaitZeroIntent, ordinals: readonly number[], result: ZeroLook) {
  const results = result.facts.pods
    .filter((pod) => ordinals.includes(pod.ordinal))
    .map((pod) => ({ object: `pod/${pod.name}`, action: 'at zero', changed: false, note: evidence(result, pod.name) }));
  return outcome('wait-zero', facts, intent, {
    results,
    details: result.details,
    next: afterZero(result.facts, intent, ordinals),
  });
}

/** A surplus is not recreated but scaled away, and an updated pod gets its weight back. */
function afterZero(facts: Facts, { name }: WaitZeroIntent, ordinals: readonly number[]): CommandAdvice[] {
  if (isAllSurplus(facts, ordinals)) return [own('restore', name)];
  const isDue = facts.pods.some((pod) => ordinals.includes(pod.ordinal) && isOutdated(pod, facts.set));
  return isDue ? [own('recreate', name)] : nextCommands(facts);
}

function evidence(result: ZeroLook, pod: string): string {
  const rows = result.details.rows.filter((row) => row.pod === pod);
  if (rows.length === 0) return 'never ready and never bound to a load balancer';
  const sources = [...new Set(rows.map((row) => row.source))].join('+');
  const filledMs = Math.min(...rows.map((row) => row.filledMs));
  return `${sources}: 0 connections for ${Math.floor(filledMs / 1000)}s`;
}
