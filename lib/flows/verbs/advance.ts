/**
 * advance: former weights back to this batch and 0 to the next outdated ordinals; in one write, or in two where one could
 * show fewer than the floor while it is applied.
 */

import { type DoneResult, ExitCode, RefusedError } from '../../core/errors.ts';
import type { Facts } from '../../core/facts/facts.ts';
import type { AdvanceIntent } from '../../core/intent/intent.ts';
import { advancedText } from '../../core/outcome/advanced-text.ts';
import { outcome, serviceResults } from '../../core/outcome/build-outcome.ts';
import { byHandAdvice } from '../../core/outcome/by-hand-advice.ts';
import type { Outcome } from '../../core/outcome/outcome.ts';
import { chooseAdvance, sparedByHand, surplusLeft } from '../../core/plan/advance-choice.ts';
import { reachRule } from '../../core/safety/alone.ts';
import { batchRule } from '../../core/safety/batch-rule.ts';
import { floorRefusals } from '../../core/safety/floor-check.ts';
import { deletionRule, listenerRules, strategyRule } from '../../core/safety/rules.ts';
import { orderedRule, overdueOf } from '../../core/target/going.ts';
import { intersection, ordinalsText, union, without } from '../../core/target/ordinals.ts';
import { pausedRule } from '../../core/target/pause.ts';
import { isOutdated, podsAt } from '../../core/target/pod.ts';
import { formerReplicas, scaleRule, surplusOrdinals } from '../../core/target/surplus.ts';
import { type CommandAdvice, lines, own } from '../../core/values/command.ts';
import { changes, concerned, planAdvance, type WeightChange } from '../../core/weights/plan-weights.ts';
import type { World } from '../../ports.ts';
import { deadlineOf } from '../guard/deadline.ts';
import { warnOfRunningVerb } from '../guard/other-operator.ts';
import { retryConflict } from '../guard/retry-conflict.ts';
import { serverNowMs } from '../guard/server-time.ts';
import { withResults } from '../guard/with-results.ts';
import { type AloneRule, aloneRule, untilUnasked } from '../safety/alone-rule.ts';
import { ingressRule } from '../safety/ingress-rule.ts';
import { serviceRefusals } from '../safety/service-refusals.ts';
import { strangerRefusals } from '../safety/stranger-rule.ts';
import { awaitAllWell } from '../target/await-all-well.ts';
import { awaitProbed, isEarly } from '../target/await-probed.ts';
import { describeGoing } from '../target/describe-going.ts';
import { gatherObserved } from '../target/gather-observed.ts';
import { observe } from '../target/observe.ts';
import { warnOfLeftBehind } from '../target/orphaned-weights.ts';
import { readBudget } from '../target/read-budget.ts';
import { holdsUpgrade } from '../upgrade/set-image.ts';
import { confirmWeights } from '../weights/confirm-weights.ts';
import { type Moves, movesOf } from '../weights/moves.ts';
import { rememberZero } from '../weights/remember-zero.ts';
import { writeAdvanced } from '../weights/write-advanced.ts';
import { applyWeights } from '../weights/write-weights.ts';
import { advanceByWindow } from '../window/advance-by-window.ts';

interface Step {
  facts: Facts;
  plan: WeightChange[];
  back: readonly number[];
  /** Ordinals of `next` that were not at 0 before this write. */
  drained: readonly number[];
  next: readonly number[];
  /** The batch has its weight back, and the drain is a write of its own, after the load balancer shows that. */
  drainsLater: boolean;
  already: boolean;
  /** Ordinals of `next` that only stay at 0: their pods do not go. */
  stay: readonly number[];
  /** Lines about pods that are terminating, and left out. */
  leftOut: readonly string[];
  /** Ordinals whose pods should have been gone for a while: no end waits for them. */
  overdue: readonly number[];
}

/** Refuses unless the whole batch is updated, ready and healthy at the load balancer. The outcome's exit code is 3 when nothing is left. */
export async function advance(world: World, intent: AdvanceIntent): Promise<Outcome> {
  await warnOfRunningVerb(world, intent.name);
  if (intent.maxUnavailable !== undefined) return advanceByWindow(world, intent, intent.maxUnavailable);
  const deadlineMs = deadlineOf(world, intent);
  const alone = aloneRule(world, intent);
  const write = (pending?: readonly number[]) => {
    const moves = movesOf();
    return retryConflict(world, `statefulset/${intent.name}: a Service`, (earlier) =>
      untilUnasked(() => writeOnce(world, intent, { deadlineMs, alone, moves, earlier }, pending)),
    );
  };
  const first = await write();
  const second = first.drainsLater && intent.dryRun === 'none' ? await drainAfter(world, intent, first, write) : first;
  const { facts, plan, next } = second;
  const back = first.back;
  const written = changes(plan).length > 0 || changes(first.plan).length > 0;
  const nothingLeft = isOver(intent, second, written);
  const exitCode = nothingLeft ? ExitCode.nothingLeft : ExitCode.done;
  const note = [
    back.length > 0 ? `${ordinalsText(back)} back` : '',
    next.length > 0 ? `${ordinalsText(next)} at 0` : '',
  ]
    .filter((part) => part !== '')
    .join(', ');
  const shown = union(back, next).length === 0 ? plan : concerned(facts, plan, union(back, next));
  const results = serviceResults(
    facts,
    shown,
    written || second.already ? 'advanced' : 'complete',
    note || 'no ordinals drained',
  );
  const text = second.already
    ? `advanced already: ${note || 'nothing to change'}`
    : [...second.leftOut, advancedText(facts, second, nothingLeft)].join('\n');
  const spared = intersection(second.stay, facts.byHand);
  const said = spared.length === 0 ? text : lines(text, byHandAdvice(intent.name, spared));
  const allWell = (untilMs: number): Promise<void> =>
    nothingLeft
      ? withResults(
          () => results,
          () => awaitAllWell(world, intent, second.overdue, untilMs),
        )
      : Promise.resolve();
  const following = followingOf(second, nothingLeft, written);
  if (intent.dryRun !== 'none') {
    await allWell(0);
    return outcome('advance', facts, intent, { results, exitCode, message: said });
  }
  if (written) await writeAdvanced(world, facts.set, { back, drained: second.drained, zeros: next });
  const confirmed = await withResults(
    () => results,
    () => confirmWeights(world, intent, union(back, next), deadlineMs),
  );
  await rememberZero(world, confirmed, next);
  await allWell(deadlineMs);
  return outcome('advance', facts, intent, {
    results,
    exitCode,
    message: said,
    next: following,
    details: { back, next },
  });
}

/** The second of two writes. A refusal leaves the batch with its weight, and the note of the intended batch. */
async function drainAfter(
  world: World,
  intent: AdvanceIntent,
  first: Step,
  write: (pending: readonly number[]) => Promise<Step>,
): Promise<Step> {
  world.report.progress(
    `weights back for ${ordinalsText(first.back)} first: with both in one write, fewer pods than the floor could serve for a moment`,
  );
  const done = serviceResults(first.facts, first.plan, 'restored', ordinalsText(first.back));
  return withResults(
    () => done,
    async () => {
      await confirmWeights(world, intent, first.back, deadlineOf(world, intent));
      return write(first.next);
    },
  );
}

/** A wait where a pod is at 0, the end where there is anything to clear up; after that end nothing. */
function followingOf({ facts, next, stay }: Step, nothingLeft: boolean, written: boolean): CommandAdvice[] {
  const { set } = facts;
  if (nothingLeft ? surplusLeft(facts).length > 0 : without(next, stay).length > 0) return [own('wait-zero', set.name)];
  if (!nothingLeft && facts.pods.some((pod) => isOutdated(pod, set))) return [own('status', set.name)];
  const isKept = facts.bookkept || formerReplicas(set) !== undefined || holdsUpgrade(set);
  return written || isKept ? [own('restore', set.name)] : [];
}

/** By name the caller knows what is left: only a batch without a next one may be the last. */
function isOver(intent: AdvanceIntent, { facts, back, next: all, stay, already }: Step, written: boolean): boolean {
  const next = without(all, stay);
  if (intent.to !== undefined || (already && intent.from === undefined)) return false;
  if (intent.from === undefined) return next.length === 0 || (!written && back.length === 0);
  const surplus = surplusOrdinals(facts.set);
  return !facts.pods.some((pod) => isOutdated(pod, facts.set) && !surplus.includes(pod.ordinal));
}

/** `earlier`: what this write has written in rounds that a conflict ended. */
interface Round {
  deadlineMs: number;
  alone: AloneRule;
  moves: Moves;
  earlier: readonly DoneResult[];
}

async function writeOnce(
  world: World,
  intent: AdvanceIntent,
  round: Round,
  pending: readonly number[] | undefined,
  isShown = false,
): Promise<Step | 'answered'> {
  const { deadlineMs, alone, moves, earlier } = round;
  const facts = await gatherObserved(world, intent, deadlineMs);
  warnOfLeftBehind(world, facts);
  const early = [...deletionRule(facts.set), ...strategyRule(facts.set), ...(await serviceRefusals(world, facts))];
  if (early.length > 0) throw new RefusedError(early);
  const overdue = overdueOf(facts.pods, serverNowMs(world));
  const {
    back,
    next,
    already = false,
    going = [],
    stay = [],
    held = [],
    given = [],
  } = chooseAdvance(facts, { ...intent, overdue }, pending);
  // A run that was stopped between its two writes had this still to wait for; without it the floor would refuse the second.
  if (given.length > 0 && !isShown && intent.dryRun === 'none') {
    await confirmWeights(world, intent, given, deadlineMs);
    return writeOnce(world, intent, round, pending, true);
  }
  const texts = await describeGoing(world, facts.pods);
  const leftOut = podsAt(facts.pods, going);
  const [observation, budget] = await Promise.all([observe(world, facts), readBudget(world, facts)]);
  // Without a readiness gate a replacement is ready before the load balancer has bound and checked it.
  const comesEarly = observation.bindings.some((binding) => back.includes(binding.pod.ordinal) && isEarly(binding));
  if (comesEarly && intent.dryRun === 'none' && (await awaitProbed(world, intent, back, deadlineMs)))
    return writeOnce(world, intent, round, pending, isShown);
  const refusals = [
    ...observation.bound.flatMap(({ service, balancer }) => listenerRules(service, balancer)),
    ...batchRule(facts, { ...observation, budget }, back),
    // Only the end of a surge drains surplus ordinals that have traffic.
    ...(without(intersection(next, surplusOrdinals(facts.set)), facts.drainSet).length > 0 ? scaleRule(facts.set) : []),
  ];
  refusals.push(...reachRule(facts, next), ...orderedRule(facts.set, held, leftOut, texts));
  const byHand = without(intersection(sparedByHand(facts), next), intent.to ?? []);
  const kept = { back, next: without(next, byHand), revision: facts.set.updateRevision };
  const batch = without(kept.next, surplusOrdinals(facts.set));
  const advanced = batch.length === 0 ? undefined : { ...kept, stage: 'done' as const };
  const whole = planAdvance(facts, { back, zeros: next, advanced, asItIs: byHand });
  let drainsLater = false;
  if (kept.next.length > 0 && changes(whole).length > 0) {
    const floor = { asked: intent.minServing, budget };
    const after = floorRefusals(facts, observation.bindings, next, floor, back);
    refusals.push(...(await strangerRefusals(world, facts)), ...after, ...pausedRule(facts.set));
    // While one write is applied, its zeros may be shown before the weights that it gives back.
    drainsLater = after.length === 0 && floorRefusals(facts, observation.bindings, next, floor).length > 0;
    // Giving the last batch its traffic back drains no pod, so an Ingress is no obstacle.
    refusals.push(...(await ingressRule(world, facts, intent)));
    const judged = await alone(facts, next, refusals);
    if (judged === 'answered') return judged;
    refusals.push(...judged);
  }
  if (refusals.length > 0) throw new RefusedError(refusals, own('status', intent.name));
  const staying = intersection(next, facts.drainSet);
  // The first of two writes gives back, and takes nothing: no 0 comes to a Service where it was not.
  const plan = drainsLater
    ? planAdvance(facts, { back, zeros: staying, advanced: { ...kept, stage: 'back' }, asItIs: staying })
    : whole;
  const moved = moves(earlier, { back, drained: without(next, facts.drainSet) }, next);
  const written = await applyWeights(world, plan, intent.dryRun, earlier);
  const described = leftOut.map(({ name }) => texts.get(name) ?? name);
  const isAlready = already && earlier.length === 0;
  return { facts, plan: written, ...moved, next, stay, leftOut: described, overdue, drainsLater, already: isAlready };
}
