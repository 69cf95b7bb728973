/** restore --weight: a canary. Raises the weight of an updated batch step by step, and looks after each step whether it is well. */

import { ConflictError, DisagreesError, type DoneResult, RefusedError } from '../../core/errors.ts';
import { portKeys } from '../../core/facts/backends.ts';
import type { Facts } from '../../core/facts/facts.ts';
import type { RestoreIntent } from '../../core/intent/intent.ts';
import { outcome, serviceResults } from '../../core/outcome/build-outcome.ts';
import type { ObjectResult, Outcome } from '../../core/outcome/outcome.ts';
import { advisedDrain } from '../../core/safety/advised-drain.ts';
import { batchCure } from '../../core/safety/batch-rule.ts';
import { deletionRule, ordinalRule } from '../../core/safety/rules.ts';
import { formatOrdinals, ordinalsText, without } from '../../core/target/ordinals.ts';
import { notServingBecause, podAt } from '../../core/target/pod.ts';
import { advice, lines, own } from '../../core/values/command.ts';
import { formatDuration } from '../../core/values/duration.ts';
import { way } from '../../core/values/way.ts';
import { formerWeight } from '../../core/weights/canary.ts';
import { changes, planRaise, type WeightChange } from '../../core/weights/plan-weights.ts';
import type { World } from '../../ports.ts';
import { deadlineOf } from '../guard/deadline.ts';
import { withLease } from '../guard/lease.ts';
import { retryConflict } from '../guard/retry-conflict.ts';
import { withResults } from '../guard/with-results.ts';
import { writeEvent } from '../guard/write-event.ts';
import { seenServing } from '../safety/seen-serving.ts';
import { serviceRefusals } from '../safety/service-refusals.ts';
import { findWayBack } from '../target/find-way-back.ts';
import { gather } from '../target/gather.ts';
import { warnOfLeftBehind } from '../target/orphaned-weights.ts';
import { confirmWeights } from '../weights/confirm-weights.ts';
import { raiseOn, stoppedCanary } from '../weights/stopped-canary.ts';
import { applyWeights } from '../weights/write-weights.ts';
import { verify } from './verify.ts';

export interface RaiseIntent extends RestoreIntent {
  ordinals: readonly number[];
  /** Rising; the last one is what the batch keeps until advance or restore. */
  weights: readonly number[];
  /** How long each step but the last is observed under traffic. */
  everyMs: number;
}

/**
 * Steps that are behind the present weight are left out, so that the same command goes on after an interruption.
 * Throws RefusedError when the pods are not drained or not well; DisagreesError where a step is not well: nothing is raised then.
 */
export async function raiseWeight(world: World, intent: RaiseIntent): Promise<Outcome> {
  return withLease(world, intent, 'restore', (held) => raise(held, intent));
}

async function raise(world: World, intent: RaiseIntent): Promise<Outcome> {
  const before = await gather(world, intent);
  await refuse(world, before, intent);
  await refuseUnwell(world, before, intent);
  const steps = stepsLeft(before, intent);
  if (steps.length === 0) return finished(before, intent);
  let last: { facts: Facts; plan: WeightChange[] } | undefined;
  let left: Left = (ordinal) => heldBy(before, ordinal);
  const done = new Map<string, ObjectResult>();
  for (const [index, weight] of steps.entries()) {
    const seen = left;
    last = await withResults(
      () => [...done.values()],
      () =>
        retryConflict(world, `statefulset/${intent.name}: a Service`, (earlier) =>
          writeOnce(world, intent, weight, seen, earlier),
        ),
    );
    const { facts, plan } = last;
    left = (ordinal) => (releasedBy(facts, ordinal, weight) ? undefined : weight);
    if (intent.dryRun !== 'none') break;
    for (const result of stepResults(facts, plan, intent, weight)) done.set(result.object, result);
    try {
      await withResults(
        () => [...done.values()],
        () => observed(world, intent, { facts, plan, steps, index }),
      );
    } catch (error) {
      const { name, ordinals, everyMs } = intent;
      throw stoppedCanary(world.signal, error, { name, ordinals, steps, index, everyMs }, [...done.values()]);
    }
  }
  return raised(last?.facts ?? before, last?.plan ?? [], intent, steps);
}

const stepResults = (facts: Facts, plan: readonly WeightChange[], intent: RaiseIntent, weight: number) =>
  serviceResults(facts, plan, 'restored', `${ordinalsText(intent.ordinals)} to weight ${weight}`).filter(
    ({ changed }) => changed,
  );

async function observed(
  world: World,
  intent: RaiseIntent,
  {
    facts,
    plan,
    steps,
    index,
  }: { facts: Facts; plan: readonly WeightChange[]; steps: readonly number[]; index: number },
): Promise<void> {
  const weight = steps[index] ?? 0;
  const which = ordinalsText(intent.ordinals);
  if (changes(plan).length > 0)
    await writeEvent(world, facts.set, 'ZerolossRestored', `weight ${weight} for ${which} (canary)`, {
      weights: [{ ordinals: intent.ordinals, weight }],
    });
  const isLast = index === steps.length - 1;
  world.report.progress(
    `weight ${weight} for ${which}${isLast ? '' : `, observed for ${formatDuration(intent.everyMs)}`}`,
  );
  await observeStep(world, intent, steps, index, facts);
}

async function refuse(world: World, facts: Facts, intent: RaiseIntent): Promise<void> {
  const refusals = [
    ...deletionRule(facts.set),
    ...ordinalRule(facts.set, intent.ordinals),
    ...(await serviceRefusals(world, facts)),
  ];
  const full = without(intent.ordinals, [...facts.drainSet, ...facts.canaries.keys()]);
  const target = intent.weights.at(-1) ?? 0;
  const reached = full.every((ordinal) => releasedBy(facts, ordinal, target));
  if (refusals.length === 0 && full.length > 0 && !(reached && full.length === intent.ordinals.length)) {
    refusals.push({
      rule: 'drained',
      message: `${ordinalsText(full)} of statefulset/${facts.set.name} not drained: a canary raises weights from 0 and never lowers one`,
      cure: advisedDrain(facts, full, await seenServing(world, facts)),
    });
  }
  if (refusals.length > 0) throw new RefusedError(refusals);
}

/** Traffic is given to pods that are updated, ready and healthy only. */
async function refuseUnwell(world: World, facts: Facts, intent: RaiseIntent): Promise<void> {
  try {
    await verify(world, { ...intent, dryRun: 'none', forMs: 0 });
  } catch (error) {
    if (!(error instanceof DisagreesError)) throw error;
    const unwell = intent.ordinals.find((ordinal) => notServingBecause(podAt(facts.pods, ordinal), facts.set));
    const cure =
      unwell === undefined
        ? own('status', intent.name).note('shows the health at the load balancer')
        : batchCure(facts, unwell, await seenServing(world, facts));
    throw new RefusedError([{ rule: 'batch-ready', message: error.message, cure }]);
  }
}

/** Whether this weight is the ordinal's own on every Service and port: then it is no longer a canary. */
const releasedBy = (facts: Facts, ordinal: number, weight: number): boolean =>
  facts.services
    .filter(({ selection }) => selection.reaches(ordinal))
    .every(({ service, current, former }) =>
      portKeys(service).every(
        (key) =>
          formerWeight((former === undefined ? current : former)?.document, key, facts.set.name, ordinal) === weight,
      ),
    );

function stepsLeft(facts: Facts, { ordinals, weights }: RaiseIntent): readonly number[] {
  const held = ordinals.map((ordinal) => (facts.drainSet.includes(ordinal) ? 0 : facts.canaries.get(ordinal)));
  if (held.every((weight) => weight === undefined)) return [];
  const lowest = Math.min(...held.map((weight) => weight ?? 0));
  return weights.filter((weight) => weight >= lowest);
}

/** The weight that an ordinal is held at: 0, a canary weight, or (undefined) nothing but its own. */
type Left = (ordinal: number) => number | undefined;

const heldBy = (facts: Facts, ordinal: number): number | undefined =>
  facts.drainSet.includes(ordinal) ? 0 : facts.canaries.get(ordinal);

/** `left`: as the step before has left them. A writer that has changed that while it was observed had a reason, such as a pod to drain. */
async function writeOnce(
  world: World,
  intent: RaiseIntent,
  weight: number,
  left: Left,
  earlier: readonly DoneResult[],
): Promise<{ facts: Facts; plan: WeightChange[] }> {
  const facts = await gather(world, intent);
  warnOfLeftBehind(world, facts);
  const { ordinals } = intent;
  const changed = ordinals.filter((ordinal) => {
    const held = heldBy(facts, ordinal);
    // A write that reached one Service of several belongs to this step.
    return held !== left(ordinal) && held !== (releasedBy(facts, ordinal, weight) ? undefined : weight);
  });
  if (changed.length > 0) {
    throw new ConflictError(
      `another writer has changed the weight of ${ordinalsText(changed)} meanwhile: nothing was raised further`,
      own('status', intent.name),
    );
  }
  const released = ordinals.filter((ordinal) => releasedBy(facts, ordinal, weight));
  const plan = planRaise(facts, ordinals, weight, released);
  return { facts, plan: await applyWeights(world, plan, intent.dryRun, earlier) };
}

async function observeStep(
  world: World,
  intent: RaiseIntent,
  steps: readonly number[],
  index: number,
  facts: Facts,
): Promise<void> {
  const { name, ordinals, everyMs } = intent;
  try {
    await confirmWeights(world, intent, ordinals, deadlineOf(world, intent));
    const forMs = index === steps.length - 1 ? 0 : everyMs;
    await verify(world, { ...intent, forMs });
  } catch (error) {
    if (!(error instanceof DisagreesError)) throw error;
    const which = formatOrdinals(ordinals);
    const back = await findWayBack(world, facts);
    throw new DisagreesError(
      `stopped at weight ${steps[index]} (step ${index + 1} of ${steps.length}): ${error.message}`,
      lines(
        advice`the pods keep weight ${steps[index] ?? ''}; to take their traffic away: ${own('drain', name, which)}`,
        way('on', advice`to go on once it is fixed: ${raiseOn({ name, ordinals, steps, index, everyMs })}`),
        ...(back === undefined ? [] : [way('back', advice`to go back to ${back.template}: ${back.command}`)]),
      ),
    );
  }
}

function finished(facts: Facts, intent: RaiseIntent): Outcome {
  const object = `statefulset/${facts.set.name}`;
  const note = `${ordinalsText(intent.ordinals)} at weight ${intent.weights.at(-1)}`;
  return outcome('restore', facts, intent, {
    results: [{ object, action: 'already restored', changed: false, note }],
  });
}

function raised(facts: Facts, plan: readonly WeightChange[], intent: RaiseIntent, steps: readonly number[]): Outcome {
  const path = steps.join(', then ');
  const pace = steps.length > 1 ? `, ${formatDuration(intent.everyMs)} each` : '';
  const results = serviceResults(facts, plan, 'restored', `${ordinalsText(intent.ordinals)} to weight ${path}${pace}`);
  // Every step was a write, even if the last one by itself was not needed.
  const changed = intent.dryRun === 'none' && steps.length > 1;
  return outcome('restore', facts, intent, {
    results: changed ? results.map((result) => ({ ...result, changed, action: 'restored' })) : results,
    details: { ordinals: intent.ordinals, weights: steps },
    next: [own('advance', intent.name)],
  });
}
