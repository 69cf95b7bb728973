/** surge: adds replicas before the first batch, remembering how many there were, and waits until they serve. */

import { type DoneResult, NotYetError, RefusedError } from '../../core/errors.ts';
import { where } from '../../core/facts/backends.ts';
import type { Facts } from '../../core/facts/facts.ts';
import type { Observation } from '../../core/facts/observation.ts';
import type { SurgeIntent } from '../../core/intent/intent.ts';
import { outcome } from '../../core/outcome/build-outcome.ts';
import type { ObjectResult, Outcome } from '../../core/outcome/outcome.ts';
import { PodsDisagreeError } from '../../core/outcome/pods-disagree.ts';
import { afterSurge } from '../../core/plan/next-command.ts';
import { isUpgraded } from '../../core/plan/skip-done.ts';
import { isHealthy } from '../../core/safety/floor-check.ts';
import { deletionRule, strategyRule } from '../../core/safety/rules.ts';
import { ordinalsText, without } from '../../core/target/ordinals.ts';
import {
  isOfOtherRevision,
  isStuck,
  type MissingPod,
  missingText,
  notReadyBecause,
  podAt,
  podsAt,
} from '../../core/target/pod.ts';
import { withSetFormat } from '../../core/target/set-format.ts';
import { ordinalsOf } from '../../core/target/stateful-set-facts.ts';
import { FORMER_REPLICAS, formerReplicas, SURGED_REPLICAS, surgeAgainRule } from '../../core/target/surplus.ts';
import type { SurplusVolumes } from '../../core/target/surplus-volumes.ts';
import { advice, kubectl, lines, own } from '../../core/values/command.ts';
import { toGoBack, way } from '../../core/values/way.ts';
import { changes, planHold } from '../../core/weights/plan-weights.ts';
import type { World } from '../../ports.ts';
import { scaleUp } from '../batch/scale-away.ts';
import { deadlineOf } from '../guard/deadline.ts';
import { withLease } from '../guard/lease.ts';
import { retryConflict } from '../guard/retry-conflict.ts';
import { waitUntil } from '../guard/wait-until.ts';
import { withResults } from '../guard/with-results.ts';
import { writeEvent } from '../guard/write-event.ts';
import { autoscalerRule } from '../safety/autoscaler-rule.ts';
import { seenServing } from '../safety/seen-serving.ts';
import { serviceRefusals } from '../safety/service-refusals.ts';
import { findWayBack } from '../target/find-way-back.ts';
import { gather } from '../target/gather.ts';
import { gatherObserved } from '../target/gather-observed.ts';
import { observe } from '../target/observe.ts';
import { warnOfLeftBehind } from '../target/orphaned-weights.ts';
import { surplusVolumes } from '../target/surplus-volumes.ts';
import { heldResults, type WrittenHold, writeHeld } from '../weights/write-held.ts';
import { applyWeights } from '../weights/write-weights.ts';

/** Refuses when something else owns the replica count. Asked again with the same number it changes nothing. */
export function surge(world: World, intent: SurgeIntent): Promise<Outcome> {
  return withLease(world, intent, 'surge', (held) => run(held, intent));
}

async function run(world: World, intent: SurgeIntent): Promise<Outcome> {
  const deadlineMs = deadlineOf(world, intent);
  if (intent.skipDone === true) {
    const seen = await gatherObserved(world, intent, deadlineMs);
    if (isUpgraded(seen, intent.images ?? {}, intent.restartedAt)) return nothingToSurgeFor(seen, intent);
  }
  const written: WrittenHold = { held: [] };
  const { facts, before, surplus, changed, held, dark, isCanary, volumes } = await retryConflict(
    world,
    `statefulset/${intent.name}`,
    (earlier) => writeOnce(world, intent, deadlineMs, written, earlier),
  ).catch(async (error: unknown) => {
    await writeHeld(world, written);
    throw error;
  });
  const action = changed ? 'surged' : 'already surged';
  const results = [
    {
      object: `statefulset/${facts.set.name}`,
      action,
      changed,
      note: `${before} + ${intent.count} replicas, surplus ${ordinalsText(surplus)}`,
    },
    ...held,
  ];
  if (volumes !== undefined) world.report.warn(volumes.text);
  const canary = isCanary
    ? `the surplus pods start on the new revision: they are its first canary${dark ? ', without traffic' : ', at full weight'}`
    : undefined;
  if (intent.dryRun !== 'none')
    return outcome('surge', facts, intent, { results, ...(canary === undefined ? {} : { message: canary }) });
  if (canary !== undefined) world.report.warn(canary);
  if (changed)
    await writeEvent(
      world,
      facts.set,
      'ZerolossSurged',
      `${before} replicas and ${intent.count} more for the upgrade`,
      {
        replicas: before + intent.count,
        pods: surplus,
        ...(written.held.length === 0 ? {} : { weights: [{ ordinals: written.held, weight: 0 }] }),
      },
    );
  else await writeHeld(world, written);
  const after = await withResults(
    () => results,
    () => awaitServing(world, intent, surplus, deadlineMs),
  );
  return outcome('surge', facts, intent, {
    results,
    details: { formerReplicas: before, surplus },
    next: afterSurge(after.facts, await seenServing(world, after.facts, after.observation), intent.count),
  });
}

const nothingToSurgeFor = (facts: Facts, intent: SurgeIntent): Outcome =>
  outcome('surge', facts, intent, {
    results: [
      {
        object: `statefulset/${facts.set.name}`,
        action: 'already upgraded',
        changed: false,
        note: 'nothing to surge for',
      },
    ],
  });

interface Surged {
  facts: Facts;
  before: number;
  surplus: number[];
  changed: boolean;
  /** Of each Service: the pods that are to come, and hold weight 0 there. */
  held: ObjectResult[];
  /** The pods that are to come get weight 0 before they are there. */
  dark: boolean;
  /** There are pods to come, and they start on another revision than others run. */
  isCanary: boolean;
  /** As the cluster had them before the write: afterwards the controller's own claim would look like an old one. */
  volumes: SurplusVolumes | undefined;
}

async function writeOnce(
  world: World,
  intent: SurgeIntent,
  deadlineMs: number,
  written: WrittenHold,
  earlier: readonly DoneResult[],
): Promise<Surged> {
  // Whether the surplus is a canary is known only once the controller has seen the newest template.
  const facts = await gatherObserved(world, intent, deadlineMs);
  warnOfLeftBehind(world, facts);
  const { set } = facts;
  const refusals = [
    ...deletionRule(set),
    ...strategyRule(set),
    ...(await serviceRefusals(world, facts)),
    ...surgeAgainRule(set),
    ...(await autoscalerRule(world, set)),
  ];
  if (refusals.length > 0) throw new RefusedError(refusals);
  const before = formerReplicas(set) ?? set.replicas;
  const replicas = before + intent.count;
  const surplus = ordinalsOf({ start: set.start, replicas }).slice(before);
  if (replicas < set.replicas) {
    throw new RefusedError([
      {
        rule: 'surge-grows',
        message: `statefulset/${set.name} already has ${set.replicas} replicas for ${before}; surge never scales down`,
        cure: own('restore', set.name).note('drains the surplus and scales it away'),
      },
    ]);
  }
  // Weight 0 must be there before the pod is: afterwards it would have had its first connections.
  // One that is there already has what it has: it may have been given its traffic since.
  const unborn = surplus.filter((ordinal) => !facts.pods.some((pod) => pod.ordinal === ordinal));
  const isCanary = unborn.length > 0 && facts.pods.some((pod) => isOfOtherRevision(pod, set));
  const dark = intent.dark || (intent.holdsCanary === true && isCanary);
  const hold = dark && unborn.length > 0 ? planHold(facts, unborn) : [];
  const changed = replicas !== set.replicas || formerReplicas(set) === undefined;
  const added = without(surplus, ordinalsOf(set));
  const volumes = changed ? await surplusVolumes(world, set, added) : undefined;
  const plan = await applyWeights(world, hold, intent.dryRun, earlier);
  const held = heldResults(facts, plan, unborn, earlier);
  if (intent.dryRun === 'none' && changes(plan).length > 0) Object.assign(written, { facts, held: unborn });
  if (changed && intent.dryRun !== 'client') {
    const kept = { [FORMER_REPLICAS]: String(before), [SURGED_REPLICAS]: String(replicas) };
    await withResults(
      () => (intent.dryRun === 'none' ? held : []),
      () => scaleUp(world, intent, facts, { replicas, annotations: withSetFormat(set, kept) }),
    );
  }
  return { facts, before, surplus, changed, held, dark, isCanary, volumes };
}

/** Ready, every gate met, and healthy at the load balancer on every listener. Throws NotYetError at the time-out. */
function awaitServing(
  world: World,
  intent: SurgeIntent,
  surplus: readonly number[],
  deadlineMs: number,
): Promise<{ facts: Facts; observation: Observation }> {
  return waitUntil(world, {
    deadlineMs,
    paceMs: 500,
    look: async () => {
      const facts = await gather(world, intent);
      const observation = await observe(world, facts);
      const missing = surplus.flatMap((ordinal) => notServing(facts, observation, ordinal));
      if (missing.length === 0) return { done: { facts, observation } };
      await rejectStuck(world, facts, surplus);
      return {
        waiting: `waiting: ${missingText(missing)}`,
        timeOut: () =>
          new NotYetError(
            `the surplus pods do not serve yet: ${missingText(missing)}`,
            way('on', 'the same command goes on waiting'),
          ),
      };
    },
  });
}

/** A surplus pod that does not start is waited for no longer: it shows what is wrong with its template, or where there is no room. */
async function rejectStuck(world: World, facts: Facts, surplus: readonly number[]): Promise<void> {
  const { set, pods } = facts;
  const stuck = podsAt(pods, surplus).filter((pod) => isStuck(pod) && !pod.terminating);
  if (stuck.length === 0) return;
  const back = await findWayBack(world, facts);
  const restored = own('restore', set.name).note('takes the surplus away');
  throw new PodsDisagreeError(
    stuck.map((pod) => `surplus pod/${pod.name} does not start: ${pod.stuck}`).join('; '),
    lines(
      kubectl('describe', 'pod', ...stuck.map(({ name }) => name)).note('shows why; so may kubectl logs'),
      toGoBack(back === undefined ? restored : advice`${back.command} && ${restored}`),
    ),
  );
}

function notServing({ set, pods }: Facts, { bindings }: Observation, ordinal: number): MissingPod[] {
  const pod = podAt(pods, ordinal);
  if (pod === undefined) return [{ name: `${set.name}-${ordinal}`, because: 'does not exist yet' }];
  const because = notReadyBecause(pod);
  if (because !== undefined) return [{ name: pod.name, because }];
  return bindings
    .filter((each) => each.pod.uid === pod.uid && !isHealthy(each))
    .map((each) => ({ name: pod.name, because: `is not healthy yet at ${where(each)}` }));
}
