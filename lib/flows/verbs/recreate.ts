/** recreate: deletes the outdated pods of the drain set, by UID and only at zero, and waits for their replacements. */

import {
  CloudError,
  ConflictError,
  ConnectionError,
  NotYetError,
  type Refusal,
  RefusedError,
} from '../../core/errors.ts';
import type { Facts } from '../../core/facts/facts.ts';
import type { RecreateIntent } from '../../core/intent/intent.ts';
import { outcome } from '../../core/outcome/build-outcome.ts';
import type { ObjectResult, Outcome } from '../../core/outcome/outcome.ts';
import { notDone } from '../../core/plan/skip-done.ts';
import { deletionRule, strategyRule } from '../../core/safety/rules.ts';
import { cutText, evidenceOf, evidenceText, type ZeroEvidence } from '../../core/story/step-details.ts';
import { formatOrdinals, intersection, ordinalSet, ordinalsText, without } from '../../core/target/ordinals.ts';
import { pausedRule } from '../../core/target/pause.ts';
import { isOutdated, notReadyBecause, notServingBecause, type PodFacts } from '../../core/target/pod.ts';
import { sameRevisionText } from '../../core/target/same-revision.ts';
import { ordinalsOf } from '../../core/target/stateful-set-facts.ts';
import { surplusOrdinals } from '../../core/target/surplus.ts';
import { kubectl, own } from '../../core/values/command.ts';
import type { World } from '../../ports.ts';
import { awaitReplacements } from '../batch/await-replacements.ts';
import { deletePod } from '../batch/delete-pod.ts';
import { type LastLook, lastLook, wantedLook } from '../batch/last-look.ts';
import { deadlineOf } from '../guard/deadline.ts';
import { withLease } from '../guard/lease.ts';
import { recordEvent } from '../guard/record-event.ts';
import { withResults } from '../guard/with-results.ts';
import { warnOfInside } from '../safety/inside-services.ts';
import { gatherObserved } from '../target/gather-observed.ts';
import { warnOfLeftBehind } from '../target/orphaned-weights.ts';
import { awaitZero } from '../zero/await-zero.ts';
import { rowRefusals, zeroLookLines, zeroLookRefusals } from '../zero/show-zero-look.ts';
import { openZeroWatch, type ZeroWatch } from '../zero/zero-watch.ts';
import { drainedOrdinals } from './wait-zero.ts';

const AT_ZERO = { rule: 'at-zero', override: '--force' } as const;

/**
 * Throws RefusedError when a pod is not drained or not at zero; nothing is deleted then. Surplus ordinals are recreated only by
 * name. `watch`: that of a wait for zero in this process, whose readings go on; one of other pods is left alone.
 */
export function recreate(world: World, intent: RecreateIntent, watch?: ZeroWatch): Promise<Outcome> {
  return withLease(world, intent, 'recreate', (held) => run(held, intent, watch));
}

async function run(world: World, intent: RecreateIntent, watch?: ZeroWatch): Promise<Outcome> {
  const deadlineMs = deadlineOf(world, intent);
  const facts = await gatherObserved(world, intent, deadlineMs);
  warnOfLeftBehind(world, facts);
  warnOfInside(world, facts);
  const refusals = [...deletionRule(facts.set), ...strategyRule(facts.set)];
  if (refusals.length > 0) throw new RefusedError(refusals);
  const asked =
    intent.skipDone === true && intent.ordinals !== undefined ? notDone(facts, intent.ordinals) : intent.ordinals;
  if (asked?.length === 0) return settle(world, intent, facts, [], [], deadlineMs);
  const drained = await drainedOrdinals(world, facts, asked);
  // Surplus pods are scaled away later: recreating them costs a batch's time and puts them on the new revision.
  const spared = intent.ordinals === undefined ? intersection(drained, surplusOrdinals(facts.set)) : [];
  const ordinals = without(drained, spared);
  if (ordinals.length === 0 && spared.length > 0) return onlySurplus(facts, intent, spared);
  const doomed = outdatedPods(facts, ordinals);
  if (doomed.length === 0) return settle(world, intent, facts, ordinals, [], deadlineMs);
  const held = [...pausedRule(facts.set), ...(intent.force ? [] : orderRule(facts, doomed, ordinals))];
  if (held.length > 0) throw new RefusedError(held);
  const isOfThese = formatOrdinals(watch?.ordinals ?? []) === formatOrdinals(ordinalsOfPods(doomed));
  const gate = watch !== undefined && isOfThese ? watch : openZeroWatch(world, intent, ordinalsOfPods(doomed));
  const passed = await passGate(world, intent, doomed, deadlineMs, gate);
  const look = intent.force ? wantedLook : lastLook;
  refuseChanged(facts, intent, await look(world, intent, doomed), doomed);
  const results = doomed.map(
    (pod): ObjectResult => ({
      object: `pod/${pod.name}`,
      action: 'recreated',
      changed: true,
      note: `uid ${pod.uid} deleted`,
    }),
  );
  if (intent.dryRun === 'client') return outcome('recreate', facts, intent, { results });
  const names = doomed.map((pod) => pod.name).join(', ');
  const why =
    passed.forced.length === 0 ? `at zero: ${evidenceText(passed.evidence)}` : `forced: ${passed.forced.join('; ')}`;
  const details = { pods: doomed.map((pod) => pod.ordinal), revision: facts.set.updateRevision, ...passed };
  if (intent.dryRun === 'none') {
    await recordEvent(world, facts.set, 'ZerolossRecreating', `deleting ${names} (${why})`, details);
    // The event may have waited for the API server: a weight that was given back meanwhile still stops the deletion.
    refuseChanged(facts, intent, await wantedLook(world, intent, doomed), doomed);
    if (!intent.force) await refuseHeld(gate, intent);
  }
  const gone: ObjectResult[] = [];
  const deletions = doomed.map(async (pod, index) => {
    let gate: ZeroWatch | undefined;
    await deletePod(world, pod, intent, deadlineMs, async () => {
      gate ??= openZeroWatch(world, intent, [pod.ordinal]);
      await passGate(world, intent, [pod], deadlineMs, gate);
      refuseChanged(facts, intent, await look(world, intent, [pod]), [pod]);
    });
    gone.push(...results.slice(index, index + 1).map((each) => ({ ...each, action: 'deleted' })));
  });
  return withResults(
    () => (intent.dryRun === 'none' ? gone : []),
    async () => {
      await Promise.all(deletions);
      if (intent.dryRun === 'server') return outcome('recreate', facts, intent, { results });
      return settle(world, intent, facts, ordinals, results, deadlineMs);
    },
  );
}

const onlySurplus = (facts: Facts, intent: RecreateIntent, spared: readonly number[]): Outcome =>
  outcome('recreate', facts, intent, {
    results: spared.map((ordinal) => ({
      object: `pod/${facts.set.name}-${ordinal}`,
      action: 'left as it is',
      changed: false,
      note: 'surplus: restore scales it away',
    })),
    next: [`restore ${intent.name}`],
  });

/**
 * Throws RefusedError where a pod has weight, unless forced; ConflictError where the StatefulSet is no longer what the batch
 * was begun on: a pod that is deleted now would come back with another template, or was not to go at all.
 */
function refuseChanged(
  { set }: Facts,
  intent: RecreateIntent,
  { facts, blocked, others }: LastLook,
  doomed: readonly PodFacts[],
): void {
  const rules = [...deletionRule(facts.set), ...strategyRule(facts.set), ...pausedRule(facts.set)];
  const sending = intent.force
    ? []
    : [...blocked, ...others].map((each) => ({
        ...each,
        override: '--force',
        price: 'cuts what the load balancer still sends',
      }));
  if (rules.length + sending.length > 0) throw new RefusedError([...rules, ...sending]);
  const isSame = facts.set.uid === set.uid && facts.set.updateRevision === set.updateRevision;
  if (isSame && doomed.every((pod) => isOutdated(pod, facts.set))) return;
  throw new ConflictError(
    `somebody else has changed the template of statefulset/${set.name} meanwhile: nothing was deleted for it`,
    own('status', set.name),
  );
}

/** With OrderedReady no pod is made before every one below it is ready (Kubernetes: StatefulSet, pod management policies). */
function orderRule({ set, pods }: Facts, doomed: readonly PodFacts[], batch: readonly number[]): Refusal[] {
  if (set.podManagementPolicy === 'Parallel') return [];
  const highest = Math.max(...doomed.map((pod) => pod.ordinal));
  const below = without(ordinalsOf(set), batch).filter((ordinal) => ordinal < highest);
  return below.flatMap((ordinal): Refusal[] => {
    const pod = pods.find((each) => each.ordinal === ordinal);
    const because = pod === undefined ? 'does not exist' : pod.terminating ? 'is terminating' : notReadyBecause(pod);
    if (because === undefined) return [];
    const name = `${set.name}-${ordinal}`;
    return [
      {
        rule: 'lower-ready',
        message: `pod/${name} ${because}: with podManagementPolicy ${set.podManagementPolicy} ${set.name}-${highest} would not come back before it is`,
        override: '--force',
        price: 'the pod may not come back before those below it are ready',
        cure: kubectl('describe', 'pod', name).note('shows why'),
      },
    ];
  });
}

const ordinalsOfPods = (pods: readonly PodFacts[]): number[] => ordinalSet(pods.map((pod) => pod.ordinal));

const outdatedPods = (facts: Facts, ordinals: readonly number[]): PodFacts[] =>
  facts.pods.filter((pod) => ordinals.includes(pod.ordinal) && isOutdated(pod, facts.set) && !pod.terminating);

/** Why the pods may go: the evidence of zero, and what --force overrode. */
interface Passed {
  forced: readonly string[];
  evidence: readonly ZeroEvidence[];
}

/** Returns the evidence, and what --force breaks; without it, throws unless every doomed pod is at zero now. */
async function passGate(
  world: World,
  intent: RecreateIntent,
  doomed: readonly PodFacts[],
  deadlineMs: number,
  watch: ZeroWatch,
): Promise<Passed> {
  const ordinals = ordinalsOfPods(doomed);
  if (intent.force) return force(world, watch, ordinals);
  const { details } = await awaitZero(world, watch, {
    name: intent.name,
    ordinals,
    deadlineMs,
    refusal: (_lines, look) =>
      new RefusedError(
        zeroLookRefusals(look, ordinals, AT_ZERO).map((refusal) => ({
          cure: own('wait-zero', intent.name),
          ...refusal,
          price: cutText(look.details.rows),
        })),
        undefined,
        look.details,
      ),
    timeOut: (lines, look) =>
      new NotYetError(
        `${ordinalsText(ordinals)} not known to be at zero: ${lines.join('; ')}`,
        own('wait-zero', intent.name).note('shows why; nothing was deleted'),
        look.details,
      ),
  });
  return { forced: [], evidence: evidenceOf(details.rows) };
}

/** Looks once and warns of everything that --force overrides; a look that fails, or that nothing can count, is one of it. */
async function force(world: World, watch: ZeroWatch, ordinals: readonly number[]): Promise<Passed> {
  const warn = (line: string): void => world.report.warn(`--force: deleting although ${line}`);
  try {
    const look = await watch.look();
    const forced = zeroLookLines(look, ordinals);
    forced.forEach(warn);
    return { forced, evidence: evidenceOf(look.details.rows) };
  } catch (error) {
    const isBlind = error instanceof RefusedError || error instanceof CloudError || error instanceof ConnectionError;
    if (world.signal.aborted || !isBlind) throw error;
    warn(error.message);
    return { forced: [error.message], evidence: [] };
  }
}

/** Throws RefusedError where somebody has connected since, past the load balancer. */
async function refuseHeld(watch: ZeroWatch, { name }: RecreateIntent): Promise<void> {
  const held = rowRefusals(await watch.recount(), AT_ZERO);
  if (held.length > 0) throw new RefusedError(held, own('wait-zero', name));
}

async function settle(
  world: World,
  intent: RecreateIntent,
  facts: Facts,
  ordinals: readonly number[],
  deleted: ObjectResult[],
  deadlineMs: number,
): Promise<Outcome> {
  const gone = facts.pods
    .filter((pod) => deleted.some((result) => result.object === `pod/${pod.name}`))
    .map((pod) => pod.uid);
  // A pod that an earlier run deleted may not have been back when this one began.
  const now = intent.dryRun === 'none' ? await awaitReplacements(world, intent, ordinals, gone, deadlineMs) : facts;
  const others = now.pods.filter(
    (pod) => ordinals.includes(pod.ordinal) && !deleted.some((result) => result.object === `pod/${pod.name}`),
  );
  const already = others.map(
    (pod): ObjectResult => ({
      object: `pod/${pod.name}`,
      action: 'already updated',
      changed: false,
      note: `made ${pod.createdAt}, revision ${pod.revision}`,
    }),
  );
  const results = [...deleted.map((result) => ({ ...result, note: 'updated and ready' })), ...already];
  // Also if an earlier run did the deletion, so that history shows the replacement.
  const waited = ordinals.some((ordinal) => {
    const pod = facts.pods.find((each) => each.ordinal === ordinal);
    return notServingBecause(pod, facts.set) !== undefined;
  });
  if (waited && intent.dryRun === 'none')
    await recordEvent(world, facts.set, 'ZerolossRecreated', `${ordinalsText(ordinals)} updated and ready`, {
      pods: ordinals,
      revision: facts.set.updateRevision,
    });
  const same = deleted.length === 0 && !waited ? sameRevisionText(now, ordinals) : undefined;
  return outcome('recreate', facts, intent, {
    results,
    ...(same === undefined ? {} : { message: same }),
    next: [`advance ${intent.name}`],
  });
}
