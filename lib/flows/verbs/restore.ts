/** restore: gives weights back; without ordinals, the annotation is exactly as before the first drain, or gone. The way out. It lowers no weight. */

import {
  CloudError,
  ConnectionError,
  DisagreesError,
  type DoneResult,
  ExitCode,
  OtherOperatorError,
  RefusedError,
  StatusError,
} from '../../core/errors.ts';
import type { Facts } from '../../core/facts/facts.ts';
import { NO_SELECTION } from '../../core/facts/selection.ts';
import { type Traffic, trafficLines, trafficOf } from '../../core/facts/traffic.ts';
import type { RestoreIntent } from '../../core/intent/intent.ts';
import { outcome, serviceResults } from '../../core/outcome/build-outcome.ts';
import { byHandAdvice } from '../../core/outcome/by-hand-advice.ts';
import type { ObjectResult, Outcome } from '../../core/outcome/outcome.ts';
import { ordinalRule, serviceRules } from '../../core/safety/rules.ts';
import { LEAVING_NODES } from '../../core/target/leaving-nodes.ts';
import { ordinalSet, ordinalsText, union, without } from '../../core/target/ordinals.ts';
import { isOfOtherRevision, podsAt } from '../../core/target/pod.ts';
import { RESTART_BEGUN } from '../../core/target/restart.ts';
import { FORMER_REVISION } from '../../core/target/revisions.ts';
import { isLeftAlone } from '../../core/target/set-format.ts';
import { ordinalsOf } from '../../core/target/stateful-set-facts.ts';
import { type Advice, advice, lines, own } from '../../core/values/command.ts';
import {
  changes,
  concerned,
  planRelease,
  planReturn,
  planWholeRelease,
  type WeightChange,
} from '../../core/weights/plan-weights.ts';
import type { World } from '../../ports.ts';
import { releaseRegular } from '../batch/release-regular.ts';
import { unsurge } from '../batch/unsurge.ts';
import { deadlineOf } from '../guard/deadline.ts';
import { retryConflict } from '../guard/retry-conflict.ts';
import { withResults } from '../guard/with-results.ts';
import { writeEvent } from '../guard/write-event.ts';
import { gather } from '../target/gather.ts';
import { withOrphanedWeights } from '../target/orphaned-weights.ts';
import { forgetFormerRevision, holdsUpgrade } from '../upgrade/set-image.ts';
import { confirmWeights } from '../weights/confirm-weights.ts';
import { mendAnnotations } from '../weights/mend-annotation.ts';
import { type Moves, movesOf } from '../weights/moves.ts';
import { owedBlanks, putBlankBack } from '../weights/put-blank-back.ts';
import { applyWeights } from '../weights/write-weights.ts';
import type { ZeroWatch } from '../zero/zero-watch.ts';
import { raiseWeight } from './raise-weight.ts';

/**
 * Without a surge it writes before it asks the cloud anything: giving weight back must work when the cloud cannot be asked.
 * With one, the pods that stay get their weights back first, then the surplus goes, only at zero: until it is, NotYetError
 * names the commands. `weightsOnly` leaves the surplus alone.
 * `watch`: that of a wait for the surplus in this process, whose readings go on.
 */
export async function restore(world: World, intent: RestoreIntent, watch?: ZeroWatch): Promise<Outcome> {
  try {
    return await run(world, { ...intent, leftBehind: 'include' }, watch);
  } catch (error) {
    throw await withOrphanedWeights(world, intent.name, error);
  }
}

/** Another operator at work keeps the surplus; the weights of all others are given back by then. */
function surplusStays(error: unknown): never {
  if (!(error instanceof OtherOperatorError)) throw error;
  throw new OtherOperatorError(`${error.message}; the surplus stays, and every other pod has its weight`, error.advice);
}

async function run(world: World, intent: RestoreIntent, watch?: ZeroWatch): Promise<Outcome> {
  const { ordinals, weights, everyMs = 0 } = intent;
  if (ordinals !== undefined && weights !== undefined)
    return raiseWeight(world, { ...intent, ordinals, weights, everyMs });
  const deadlineMs = deadlineOf(world, intent);
  const repaired: ObjectResult[] = [];
  const done: ObjectResult[] = [];
  const carrying = <T>(work: () => Promise<T>) =>
    withResults(() => (intent.dryRun === 'none' ? [...repaired, ...done] : []), work);
  if (intent.force === true)
    await carrying(() =>
      retryConflict(world, `statefulset/${intent.name}: a Service`, () => mendAnnotations(world, intent, repaired)),
    );
  // A dry run fixes nothing that could be read again.
  if (repaired.length > 0 && intent.dryRun !== 'none') return mendOutcome(world, intent, repaired);
  const whole = intent.ordinals === undefined && !intent.weightsOnly;
  // Weights first, and always: the wait for the surplus must not delay the traffic of other pods.
  if (whole) {
    done.push(...(await carrying(() => releaseRegular(world, intent))));
    done.push(...(await carrying(() => unsurge(world, intent, deadlineMs, watch).catch(surplusStays))));
  }
  const moves = movesOf();
  const { facts, plan, back, kept } = await carrying(() =>
    retryConflict(world, `statefulset/${intent.name}: a Service`, (earlier) =>
      writeOnce(world, intent, moves, earlier),
    ),
  );
  const given = serviceResults(
    facts,
    back.length === 0 ? plan : concerned(facts, plan, back),
    'restored',
    backText(back, facts.set),
  ).filter((result) => result.changed || !isAmong(repaired, result.object));
  const before = [...done];
  done.push(...given);
  const cleared = whole ? await carrying(() => forgetWhenDone(world, intent, facts)) : [];
  const results = [...repaired, ...before, ...cleared, ...given];
  if (intent.dryRun !== 'none') return outcome('restore', facts, intent, { results });
  if (changes(plan).length > 0 || repaired.length > 0)
    await writeEvent(
      world,
      facts.set,
      'ZerolossRestored',
      repaired.length > 0
        ? `the former weights are back on ${repaired.map((each) => each.object).join(', ')}`
        : `${back.some((ordinal) => ordinalsOf(facts.set).includes(ordinal)) ? 'weights back' : 'weight 0 removed'} for ${backText(back, facts.set)}`,
      { weights: [{ ordinals: repaired.length > 0 ? ordinalsOf(facts.set) : back }] },
    );
  const present = podsAt(facts.pods, back).map((pod) => pod.ordinal);
  const blanks = intent.weightsOnly
    ? []
    : await withResults(
        () => results,
        () =>
          whenAsked(async () => {
            if (present.length > 0) await confirmWeights(world, intent, present, deadlineMs);
            return putBlankBack(world, intent, deadlineMs);
          }),
      );
  const after = await withResults(
    () => [...results, ...blanks],
    () => gather(world, intent),
  );
  const owed = owedBlanks(after);
  const traffic = trafficNow(after);
  for (const { service, listener } of traffic.filter(({ serving }) => serving.length === 0))
    world.report.warn(
      advice`no pod serves service/${service} ${listener} now; to see what is missing: ${own('status', intent.name)}`,
    );
  const stays = kept.length === 0 ? [] : [byHandAdvice(intent.name, kept)];
  return outcome('restore', facts, intent, {
    results: [...results.filter(({ changed, object }) => changed || !isAmong(blanks, object)), ...blanks],
    details: { restored: back, kept, traffic },
    message: lines(...stays, ...owed.map(({ service }) => blankLater(intent.name, service)), ...trafficLines(traffic)),
  });
}

/** Of a pod that was scaled away, by this command or by anybody, the weight of 0 is taken out of the annotation, and nothing gets traffic. */
function backText(back: readonly number[], set: Facts['set']): string {
  const staying = back.filter((ordinal) => ordinalsOf(set).includes(ordinal));
  const gone = without(back, staying);
  if (gone.length === 0) return ordinalsText(back);
  const whose = `${ordinalsText(gone)} (scaled away)`;
  return staying.length === 0 ? whose : `${ordinalsText(staying)} and ${whose}`;
}

const isAmong = (results: readonly ObjectResult[], object: string): boolean =>
  results.some((each) => each.object === object);

/** With every pod updated there is nothing to go back from: the bookkeeping would mislead the next rollback. */
async function forgetWhenDone(world: World, intent: RestoreIntent, before: Facts): Promise<ObjectResult[]> {
  if (!holdsUpgrade(before.set)) return [];
  return retryConflict(world, `statefulset/${intent.name}`, async () => {
    const { set, pods } = await gather(world, intent);
    const isOver = set.observed && !pods.some((pod) => isOfOtherRevision(pod, set));
    // Pods that are given back stay where they are: their nodes are no longer to be emptied, whatever runs on them.
    if (!isOver && set.annotations[LEAVING_NODES] === undefined) return [];
    try {
      const note = isLeftAlone(set)
        ? 'a format number without bookkeeping'
        : isOver && set.annotations[FORMER_REVISION] !== undefined
          ? 'the former revision is no longer kept'
          : isOver && set.annotations[RESTART_BEGUN] !== undefined
            ? 'the restart is over'
            : 'no node is to be emptied';
      const forgotten = await forgetFormerRevision(world, set, intent.dryRun, isOver ? undefined : [LEAVING_NODES]);
      return forgotten
        ? [{ object: `statefulset/${set.name}`, action: 'bookkeeping removed', changed: true, note }]
        : [];
    } catch (error) {
      if (!(error instanceof StatusError) || error.httpStatus !== 403) throw error;
      world.report.warn(`annotation ${FORMER_REVISION} stays on statefulset/${set.name}: ${error.message}`);
      return [];
    }
  });
}

const blankLater = (name: string, service: string): Advice =>
  advice`the blank weight annotation of service/${service} comes back once the load balancer shows the weights: ${own('restore', name)}`;

/** Where the traffic goes after the write, as the annotations ask and the pods are. */
function trafficNow({ set, pods, services }: Facts): Traffic[] {
  return trafficOf(
    set,
    pods,
    services
      .filter(({ selection }) => selection !== NO_SELECTION)
      .map(({ service, selection, current }) => ({ service, selection, document: current?.document })),
  );
}

async function mendOutcome(world: World, intent: RestoreIntent, results: ObjectResult[]): Promise<Outcome> {
  return {
    verb: 'restore',
    target: { namespace: world.kube.namespace, name: intent.name },
    dryRun: intent.dryRun,
    exitCode: ExitCode.done,
    changed: true,
    results,
    refusals: [],
    next: [],
  };
}

/** The checks that ask the load balancer, once the weights are given back. */
async function whenAsked<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof CloudError) && !(error instanceof ConnectionError)) throw error;
    throw new DisagreesError(
      `the weights are given back in the annotation, but the load balancer could not be asked: ${error.message}`,
      error.advice,
    );
  }
}

async function writeOnce(
  world: World,
  intent: RestoreIntent,
  moves: Moves,
  earlier: readonly DoneResult[],
): Promise<{ facts: Facts; plan: WeightChange[]; back: readonly number[]; kept: readonly number[] }> {
  const facts = await gather(world, intent);
  const services = facts.services.map((each) => each.service);
  const held = union(facts.drainSet, facts.canaries.keys());
  const missing = services.length === 0 ? serviceRules(services, facts.set) : [];
  const outside = intent.ordinals === undefined ? [] : ordinalRule(facts.set, without(intent.ordinals, held));
  if (missing.length + outside.length > 0) throw new RefusedError([...missing, ...outside]);
  const release = intent.sparesByHand === true ? planReturn : planRelease;
  const plan = intent.ordinals === undefined ? planWholeRelease(facts) : release(facts, intent.ordinals);
  const kept = ordinalSet(plan.flatMap((change) => change.held));
  const { back } = moves(earlier, { back: without(held, kept), drained: [] }, kept);
  const written = await applyWeights(world, plan, intent.dryRun, earlier);
  return { facts, plan: written, back, kept: intent.ordinals === undefined ? kept : [] };
}
