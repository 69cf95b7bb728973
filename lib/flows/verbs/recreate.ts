/** recreate: deletes the outdated pods of the drain set, by UID and only at zero, and waits for their replacements. */

import { type Refusal, RefusedError } from '../../core/errors.ts';
import type { Facts } from '../../core/facts/facts.ts';
import type { RecreateIntent } from '../../core/intent/intent.ts';
import { outcome } from '../../core/outcome/build-outcome.ts';
import type { ObjectResult, Outcome } from '../../core/outcome/outcome.ts';
import { notDone } from '../../core/plan/skip-done.ts';
import { deletionRule, strategyRule } from '../../core/safety/rules.ts';
import { formatOrdinals, intersection, ordinalsText, without } from '../../core/target/ordinals.ts';
import { pausedRule } from '../../core/target/pause.ts';
import { isOutdated, notReadyBecause, notServingBecause, type PodFacts, podAt } from '../../core/target/pod.ts';
import { sameRevisionText } from '../../core/target/same-revision.ts';
import { ordinalsOf } from '../../core/target/stateful-set-facts.ts';
import { surplusOrdinals } from '../../core/target/surplus.ts';
import { kubectl, own } from '../../core/values/command.ts';
import type { World } from '../../ports.ts';
import { awaitReplacements } from '../batch/await-replacements.ts';
import { chooseAtZero } from '../batch/choose-at-zero.ts';
import { ordinalsOfPods, prepareDeletion } from '../batch/delete-at-zero.ts';
import { deadlineOf } from '../guard/deadline.ts';
import { withLease } from '../guard/lease.ts';
import { withResults } from '../guard/with-results.ts';
import { writeEvent } from '../guard/write-event.ts';
import { warnOfInside } from '../safety/inside-services.ts';
import { goingPods } from '../safety/stranger-rule.ts';
import { gatherObserved } from '../target/gather-observed.ts';
import { nothingThere, podsToLeave } from '../target/leave-nodes.ts';
import { warnOfLeftBehind } from '../target/orphaned-weights.ts';
import { type CarriedProof, tellCarried } from '../zero/carry-proof.ts';
import { openZeroWatch, type ZeroWatch } from '../zero/zero-watch.ts';
import { drainedOrdinals } from './wait-zero.ts';

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
  const named =
    intent.nodes === undefined
      ? intent.ordinals
      : (intent.ordinals ?? ordinalsOfPods(await podsToLeave(world, intent, facts)));
  if (intent.nodes !== undefined && named?.length === 0) return nothingThere('recreate', facts, intent);
  const asked = intent.skipDone === true && named !== undefined ? notDone(facts, named) : named;
  if (asked?.length === 0) return settle(world, intent, facts, [], [], deadlineMs);
  const drained = await drainedOrdinals(world, facts, asked);
  // Surplus pods are scaled away later: recreating them costs a batch's time and puts them on the new revision.
  const spared = named === undefined ? intersection(drained, surplusOrdinals(facts.set)) : [];
  const ordinals = without(drained, spared);
  if (ordinals.length === 0 && spared.length > 0) return onlySurplus(facts, intent, spared);
  const going = await goingPods(world, facts, ordinals);
  const outdated = going.filter((pod) => isOutdated(pod, facts.set) && !pod.terminating);
  // With --at-zero the others are still drained: the window goes on with as many.
  const next =
    intent.atZero === true ? { next: [own('advance', intent.name, '--max-unavailable', String(ordinals.length))] } : {};
  if (outdated.length === 0) return { ...(await settle(world, intent, facts, ordinals, [], deadlineMs)), ...next };
  const paused = pausedRule(facts.set);
  if (paused.length > 0) throw new RefusedError(paused);
  const { doomed, gate, seen, left } =
    intent.atZero === true
      ? await chooseAtZero(world, intent, { outdated, deadlineMs })
      : { doomed: outdated, gate: gateOf(world, intent, outdated, watch), seen: facts, left: [] };
  const batch = without(
    ordinals,
    left.map(({ ordinal }) => ordinal),
  );
  const together = intent.atZero === true ? ordinalsOfPods(doomed) : batch;
  const rule = (now: Facts, pods: readonly PodFacts[]) => (intent.force ? [] : orderRule(now, pods, together));
  const held = rule(seen, doomed);
  if (held.length > 0) throw new RefusedError(held);
  const results = doomed.map(
    (pod): ObjectResult => ({
      object: `pod/${pod.name}`,
      action: 'recreated',
      changed: true,
      note: `uid ${pod.uid} deleted`,
    }),
  );
  const deletion = await prepareDeletion(world, intent, facts, { doomed, gate, deadlineMs, rule });
  const spoken = left.map(({ ordinal, because }) => leftAsItIs(facts, ordinal, because));
  if (intent.dryRun === 'client') return outcome('recreate', facts, intent, { results: [...results, ...spoken] });
  const gone: ObjectResult[] = [];
  return withResults(
    () => (intent.dryRun === 'none' ? gone : []),
    async () => {
      await deletion((pod) =>
        gone.push({ object: `pod/${pod.name}`, action: 'deleted', changed: true, note: `uid ${pod.uid} deleted` }),
      );
      if (intent.dryRun === 'server') return outcome('recreate', facts, intent, { results: [...results, ...spoken] });
      const settled = await settle(world, intent, facts, batch, results, deadlineMs);
      return { ...settled, ...next, results: [...settled.results, ...spoken] };
    },
  );
}

/** A watch of exactly these pods: the caller's, whose readings go on, or a new one that goes on from wait-zero. */
function gateOf(world: World, intent: RecreateIntent, doomed: readonly PodFacts[], watch?: ZeroWatch): ZeroWatch {
  const ordinals = ordinalsOfPods(doomed);
  if (watch !== undefined && formatOrdinals(watch.ordinals) === formatOrdinals(ordinals)) return watch;
  const goesOn = intent.force ? undefined : (carried: CarriedProof) => tellCarried(world, intent, carried);
  return openZeroWatch(world, { ...intent, goesOn }, ordinals);
}

const leftAsItIs = ({ set }: Facts, ordinal: number, note: string): ObjectResult => ({
  object: `pod/${set.name}-${ordinal}`,
  action: 'left as it is',
  changed: false,
  note,
});

const onlySurplus = (facts: Facts, intent: RecreateIntent, spared: readonly number[]): Outcome =>
  outcome('recreate', facts, intent, {
    results: spared.map((ordinal) => leftAsItIs(facts, ordinal, 'surplus: restore scales it away')),
    next: [own('restore', intent.name)],
  });

/** With OrderedReady no pod is made before every one below it is ready (Kubernetes: StatefulSet, pod management policies). */
function orderRule({ set, pods }: Facts, doomed: readonly PodFacts[], batch: readonly number[]): Refusal[] {
  if (set.podManagementPolicy === 'Parallel') return [];
  const highest = Math.max(...doomed.map((pod) => pod.ordinal));
  const below = without(ordinalsOf(set), batch).filter((ordinal) => ordinal < highest);
  return below.flatMap((ordinal): Refusal[] => {
    const pod = podAt(pods, ordinal);
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
  const kept = intersection(ordinals, ordinalsOf(now.set));
  const others = now.pods.filter(
    (pod) => kept.includes(pod.ordinal) && !deleted.some((result) => result.object === `pod/${pod.name}`),
  );
  const already = others.map(
    (pod): ObjectResult => ({
      object: `pod/${pod.name}`,
      action: 'already updated',
      changed: false,
      note: `made ${pod.createdAt}, revision ${pod.revision}`,
    }),
  );
  const isBack = ({ object }: ObjectResult): boolean =>
    kept.some((ordinal) => object === `pod/${now.set.name}-${ordinal}`);
  const ended = deleted.map((result) =>
    isBack(result)
      ? { ...result, note: 'updated and ready' }
      : { ...result, action: 'deleted', note: 'scaled away meanwhile' },
  );
  const results = [...ended, ...already];
  // Also if an earlier run did the deletion, so that history shows the replacement.
  const waited = ordinals.some((ordinal) => {
    const pod = podAt(facts.pods, ordinal);
    return notServingBecause(pod, facts.set) !== undefined;
  });
  if (waited && kept.length > 0 && intent.dryRun === 'none')
    await writeEvent(world, facts.set, 'ZerolossRecreated', `${ordinalsText(kept)} updated and ready`, {
      pods: kept,
      revision: facts.set.updateRevision,
    });
  const same = deleted.length === 0 && !waited ? sameRevisionText(now, ordinals) : undefined;
  return outcome('recreate', facts, intent, {
    results,
    ...(same === undefined ? {} : { message: same }),
    next: [own('advance', intent.name)],
  });
}
