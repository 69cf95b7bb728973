/**
 * advance --max-unavailable: gives back what is done and drains as many more, in one write; in two where one could show fewer
 * than the floor while it is applied.
 */

import { type DoneResult, ExitCode, NotYetError, type Refusal, RefusedError } from '../../core/errors.ts';
import type { Facts } from '../../core/facts/facts.ts';
import type { AdvanceIntent } from '../../core/intent/intent.ts';
import { outcome, serviceResults } from '../../core/outcome/build-outcome.ts';
import { byHandAdvice } from '../../core/outcome/by-hand-advice.ts';
import type { Outcome } from '../../core/outcome/outcome.ts';
import { sparedByHand, surplusLeft, surplusLeftText } from '../../core/plan/advance-choice.ts';
import type { SeenServing } from '../../core/safety/advised-drain.ts';
import { reachRule } from '../../core/safety/alone.ts';
import { batchRule } from '../../core/safety/batch-rule.ts';
import { floorRefusals } from '../../core/safety/floor-check.ts';
import { deletionRule, listenerRules, strategyRule } from '../../core/safety/rules.ts';
import { intersection, ordinalsText, union, without } from '../../core/target/ordinals.ts';
import { pausedRule } from '../../core/target/pause.ts';
import { scaleRule, surplusOrdinals } from '../../core/target/surplus.ts';
import { lines, own } from '../../core/values/command.ts';
import { way } from '../../core/values/way.ts';
import { changes, concerned, planAdvance, type WeightChange } from '../../core/weights/plan-weights.ts';
import { chooseByWindow, outOf, type WindowChoice } from '../../core/window/choose-by-window.ts';
import { fullRule } from '../../core/window/full.ts';
import { type MaxUnavailable, windowSizeOf } from '../../core/window/size.ts';
import type { World } from '../../ports.ts';
import { deadlineOf } from '../guard/deadline.ts';
import { retryConflict } from '../guard/retry-conflict.ts';
import { waitUntil } from '../guard/wait-until.ts';
import { withResults } from '../guard/with-results.ts';
import { type AloneRule, aloneRule, untilUnasked } from '../safety/alone-rule.ts';
import { ingressRule } from '../safety/ingress-rule.ts';
import { serviceRefusals } from '../safety/service-refusals.ts';
import { strangerRefusals } from '../safety/stranger-rule.ts';
import { gatherObserved } from '../target/gather-observed.ts';
import { observe } from '../target/observe.ts';
import { warnOfLeftBehind } from '../target/orphaned-weights.ts';
import { readBudget } from '../target/read-budget.ts';
import { confirmWeights } from '../weights/confirm-weights.ts';
import { type Moves, movesOf } from '../weights/moves.ts';
import { rememberZero } from '../weights/remember-zero.ts';
import { writeAdvanced } from '../weights/write-advanced.ts';
import { applyWeights } from '../weights/write-weights.ts';
import { writeBackFirst } from './back-first.ts';

/** Between two looks at pods that are on their way. */
const PACE_MS = 2_000;

interface WindowStep {
  facts: Facts;
  size: number;
  choice: WindowChoice;
  /** Ordinals that were not at 0 before this write. The end drains the surplus beside what the window has room for. */
  drained: readonly number[];
  plan: WeightChange[];
  /** The weights that come back are written, and the drain is a write of its own, after the load balancer shows them. */
  drainsLater: boolean;
  /** Nothing was written: nothing can go on before these are over, and they are on their way. */
  waits: readonly Refusal[];
  /** Why the floor lets fewer be drained than the window. */
  limited: readonly Refusal[];
}

/** Exit code 3 once every pod is updated and has its weight. Throws RefusedError where nothing can go on without somebody's help. */
export async function advanceByWindow(world: World, intent: AdvanceIntent, wish: MaxUnavailable): Promise<Outcome> {
  const deadlineMs = deadlineOf(world, intent);
  const alone = aloneRule(world, intent);
  const write = () =>
    waitUntil(world, {
      deadlineMs: intent.dryRun === 'none' ? deadlineMs : 0,
      paceMs: PACE_MS,
      look: async () => {
        const moves = movesOf();
        const step = await retryConflict(world, `statefulset/${intent.name}: a Service`, (earlier) =>
          untilUnasked(() => writeOnce(world, intent, wish, { alone, deadlineMs, moves, earlier })),
        );
        const because = step.waits.map(({ message }) => message).join('; ');
        if (step.waits.length === 0) return { done: step };
        return { waiting: `waiting: ${because}`, timeOut: () => notYet(step, because) };
      },
    });
  const { last, back, hasWritten: written } = await writeBackFirst(world, intent, deadlineMs, write);
  const { facts, plan, choice, drained } = last;
  const { next } = choice;
  const isEnd = allDone(choice);
  const spared = intersection(next, sparedByHand(facts));
  // A surplus that is drained in this write is still to be waited for.
  const isOver = isEnd && (next.length === 0 || !written);
  const note = [
    back.length > 0 ? `${ordinalsText(back)} back` : '',
    drained.length > 0 ? `${ordinalsText(drained)} at 0` : '',
  ].filter((part) => part !== '');
  const shown = concerned(facts, plan, union(back, next));
  const results = serviceResults(
    facts,
    shown,
    written || !isEnd ? 'advanced' : 'complete',
    note.join(', ') || (isFull(last) ? 'the window is full' : 'nothing to change'),
  );
  const text = [saying(last, isOver), ...last.limited.map(({ message }) => message)].join('\n');
  const common = {
    results,
    exitCode: isOver ? ExitCode.nothingLeft : ExitCode.done,
    message: spared.length === 0 ? text : lines(text, byHandAdvice(intent.name, spared)),
    details: { back, next, drained },
  };
  if (intent.dryRun !== 'none') return outcome('advance', facts, intent, common);
  if (written) await writeAdvanced(world, facts.set, { back, drained, zeros: next });
  // A pod of the window that is on its way shows its weight in its own time.
  const zeros = isEnd ? without(next, spared) : union(drained, intersection(next, outOf(choice.seen).draining));
  const confirmed = await withResults(
    () => results,
    () => confirmWeights(world, intent, union(back, zeros), deadlineMs),
  );
  await rememberZero(world, confirmed, zeros);
  const following = !isOver
    ? own('wait-zero', intent.name, '--any')
    : own(surplusLeft(facts).length > 0 ? 'wait-zero' : 'restore', intent.name);
  return outcome('advance', facts, intent, { ...common, next: [following] });
}

const allDone = ({ seen, back }: WindowChoice): boolean =>
  seen.every(({ place, ordinal }) => place === 'done' || back.includes(ordinal));

/** `earlier`: what this write has written in rounds that a conflict ended. */
interface Round {
  alone: AloneRule;
  deadlineMs: number;
  moves: Moves;
  earlier: readonly DoneResult[];
}

async function writeOnce(
  world: World,
  intent: AdvanceIntent,
  wish: MaxUnavailable,
  { alone, deadlineMs, moves, earlier }: Round,
): Promise<WindowStep | 'answered'> {
  const facts = await gatherObserved(world, intent, deadlineMs);
  warnOfLeftBehind(world, facts);
  const early = [...deletionRule(facts.set), ...strategyRule(facts.set), ...(await serviceRefusals(world, facts))];
  if (early.length > 0) throw new RefusedError(early);
  const [observation, budget] = await Promise.all([observe(world, facts), readBudget(world, facts)]);
  const seen = { ...observation, budget };
  const surplus = surplusOrdinals(facts.set);
  const size = windowSizeOf(wish, facts.set.replicas - surplus.length);
  const floorOf = (zeros: readonly number[], returning: readonly number[]) =>
    floorRefusals(facts, observation.bindings, zeros, { asked: intent.minServing, budget }, returning);
  let limited: Refusal[] = [];
  const choice = chooseByWindow(facts, observation.bindings, size, (fresh, staying, back) => {
    // As many as the floor allows: the others follow when more serve again.
    const fits = fresh.findLastIndex(
      (_, index) => floorOf(union(staying, fresh.slice(0, index + 1)), back).length === 0,
    );
    limited = fits + 1 < fresh.length ? floorOf(union(staying, fresh), back) : [];
    return fresh.slice(0, fits + 1);
  });
  const { back, next, fresh } = choice;
  const isEnd = allDone(choice) && without(next, facts.drainSet).length > 0;
  const refusals = [
    ...observation.bound.flatMap(({ service, balancer }) => listenerRules(service, balancer)),
    ...batchRule(facts, seen, back),
    ...(isEnd ? [...scaleRule(facts.set), ...floorOf(next, back)] : []),
    ...reachRule(facts, next),
  ];
  const waits = refusals.length > 0 ? [] : stuckRule(facts, seen, choice, { size, limited });
  if (waits.length > 0 && isOnItsWay(choice))
    return { facts, size, choice, drained: [], plan: [], drainsLater: false, waits, limited };
  refusals.push(...waits);
  // Drained on one Service and not on another, by a write that was interrupted: the other one is drained under the same rules.
  const spared = sparedByHand(facts);
  const uneven = without(without(intersection(next, facts.drainSet), facts.atZero), spared);
  const levels = uneven.length > 0 && pausedRule(facts.set).length === 0 && floorOf(next, back).length === 0;
  const drains = fresh.length > 0 || isEnd || levels;
  const batch = without(next, spared);
  const kept = { back, next: batch, revision: facts.set.updateRevision };
  const note = without(batch, surplus).length === 0 ? undefined : { ...kept, stage: 'done' as const };
  const staying = intersection(next, facts.drainSet);
  const whole = planAdvance(facts, { back, zeros: next, advanced: note, asItIs: drains ? spared : staying });
  const isDrain = drains && changes(whole).length > 0;
  if (isDrain) {
    refusals.push(
      ...(await strangerRefusals(world, facts)),
      ...pausedRule(facts.set),
      ...(await ingressRule(world, facts, intent)),
    );
    const judged = await alone(facts, next, refusals);
    if (judged === 'answered') return judged;
    refusals.push(...judged);
  }
  if (refusals.length > 0) throw new RefusedError(refusals, own('status', intent.name));
  // While one write is applied, its zeros may be shown before the weights that it gives back.
  const drainsLater = isDrain && back.length > 0 && floorOf(next, []).length > 0;
  const plan = drainsLater ? planAdvance(facts, { back, zeros: staying, asItIs: staying }) : whole;
  const isLast = allDone(choice);
  const moved = moves(earlier, { back, drained: isLast ? without(next, facts.drainSet) : fresh }, next);
  const written = await applyWeights(world, plan, intent.dryRun, earlier);
  const done = { ...choice, back: moved.back, fresh: isLast ? fresh : moved.drained };
  return { facts, size, choice: done, drained: moved.drained, plan: written, drainsLater, waits: [], limited };
}

/** Waiting alone may help: a pod starts, or the load balancer is about to show its weight, and none is sick. */
const isOnItsWay = ({ seen }: WindowChoice): boolean =>
  seen.some(({ place }) => place === 'starting' || place === 'returning') &&
  !seen.some(({ place }) => place === 'sick');

const notYet = ({ facts }: WindowStep, because: string): NotYetError =>
  new NotYetError(because, way('on', own('status', facts.set.name).note('shows each pod; the same command goes on')));

/** Nothing comes back, nothing can be drained, and no drained pod is waited for: what is out needs somebody's help, or time. */
function stuckRule(
  facts: Facts,
  observed: SeenServing,
  { back, fresh, seen }: WindowChoice,
  { size, limited }: { size: number; limited: readonly Refusal[] },
): Refusal[] {
  const { out, draining } = outOf(seen);
  if (back.length + fresh.length + draining.length > 0 || seen.every(({ place }) => place === 'done')) return [];
  const because = batchRule(facts, observed, out);
  return [because, fullRule(facts.set.name, seen, size)].find((rules) => rules.length > 0) ?? [...limited];
}

function saying(step: WindowStep, isOver: boolean): string {
  const { choice, facts, size } = step;
  const { back, fresh, next, seen } = choice;
  if (isOver) return `nothing is left to advance to: every pod is updated${surplusLeftText(facts)}`;
  if (fresh.length > 0) return `${ordinalsText(fresh)} next, outdated`;
  if (allDone(choice)) return `every pod is updated; ${ordinalsText(without(next, facts.byHand))} next, surplus`;
  const out = without(outOf(seen).out, back);
  const text = `${ordinalsText(out)} out of service`;
  return isFull(step) ? `the window of ${size} is full: ${text}` : `no other pod is drained now: ${text}`;
}

const isFull = ({ choice: { seen, back }, size }: WindowStep): boolean => without(outOf(seen).out, back).length >= size;
