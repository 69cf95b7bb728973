/**
 * The sliding window of upgrade: at each tick one look at cluster, load balancer and sources, for all pods together, and then
 * everything that is due. The due actions are a pure function of the look (`lib/core/window/actions.ts`).
 */

import { ConflictError, DisagreesError, NotYetError, RefusedError, StatusError } from '../../core/errors.ts';
import type { Facts } from '../../core/facts/facts.ts';
import { pausePlace } from '../../core/plan/pause-at.ts';
import { formatOrdinals, ordinalsText } from '../../core/target/ordinals.ts';
import { pauseLine, readPause } from '../../core/target/pause.ts';
import { isOutdated, notReadyBecause } from '../../core/target/pod.ts';
import { surplusOrdinals } from '../../core/target/surplus.ts';
import { kubectl, lines, own } from '../../core/values/command.ts';
import { formatDuration } from '../../core/values/duration.ts';
import { TRY_AGAIN, way } from '../../core/values/way.ts';
import { type WindowActions, windowActions } from '../../core/window/actions.ts';
import type { SeenPod } from '../../core/window/place.ts';
import { windowSizeOf } from '../../core/window/size.ts';
import { prepareDeletion } from '../batch/delete-at-zero.ts';
import { deadlineOf } from '../guard/deadline.ts';
import { writeEvent } from '../guard/write-event.ts';
import { type AloneRule, aloneRule } from '../safety/alone-rule.ts';
import { askBatch } from '../upgrade/ask-batch.ts';
import { restore } from '../upgrade/limited-steps.ts';
import { lookAgain } from '../upgrade/look-again.ts';
import { keep, type Run } from '../upgrade/run.ts';
import { drainWeights } from '../weights/drain-weights.ts';
import { createWindowShow } from './show-window.ts';
import { isMoving, lateOf, lateText } from './window-late.ts';
import { createWindowSights, type WindowSight } from './window-sights.ts';

/** Rules that say "not now": they hold a drain back while other pods are on their way, and end the run once none is. */
const NOT_NOW = new Set(['floor', 'some-weight', 'some-healthy', 'paused']);
const LEAST_PAUSE_MS = 500;
const CONFLICTS = 5;

interface Window {
  run: Run;
  maxUnavailable: number;
  deferred: Set<number>;
  /** How many more pods may be begun before the person is asked again. */
  allowance: number;
  /** By `ordinal place`: since when the pod stands there. */
  since: Map<string, number>;
  /** Why the last drain was held back. */
  held?: RefusedError | undefined;
  conflicts: number;
  /** Keeps the answers for the whole of the window. */
  alone: AloneRule;
}

/**
 * Resolves once every pod but the surplus is updated, serves, and has been observed; with a pause, once so many are. Throws DisagreesError for a sick pod once
 * nothing else is on its way, NotYetError for one that stays where it is for longer than --timeout.
 */
export async function windowLoop(run: Run, facts: Facts): Promise<void> {
  const { world, intent } = run;
  const { confirm: _asks, ...silent } = world;
  const sights = createWindowSights(run);
  const size = windowSizeOf(intent.maxUnavailable, facts.set.replicas - surplusOrdinals(facts.set).length);
  const window: Window = {
    run,
    maxUnavailable: size,
    deferred: new Set(),
    // The question before the first write was for these.
    allowance: intent.yes ? Number.POSITIVE_INFINITY : (intent.askEvery ?? size),
    since: new Map(),
    conflicts: 0,
    alone: aloneRule(intent.yes ? silent : world, intent),
  };
  const show = createWindowShow(run, size);
  for (;;) {
    const sight = await sights.look(await lookAgain(run));
    const pause = readPause(sight.facts.set);
    const actions = windowActions(sight.seen, {
      maxUnavailable: window.maxUnavailable,
      refill: 'each',
      ordered: sight.facts.set.podManagementPolicy !== 'Parallel',
      most: pausePlace(sight.facts, intent.pauseAt).at,
      allowance: window.allowance,
      busyAfterMs: intent.busyAfterMs,
      deferred: window.deferred,
      paused: pause !== undefined,
    });
    show(sight, pause === undefined ? undefined : pauseLine(sight.facts.set.name, pause));
    if (actions.done) {
      for (const pod of sight.facts.pods) run.soaked.add(pod.uid);
      return;
    }
    const late = lateOf(window, sight);
    if (await act(window, sight, actions)) continue;
    if (pause === undefined && !sight.seen.some((pod) => isMoving(pod) && !late.includes(pod)))
      throw endOf(window, sight, actions, late);
    await world.clock.sleep(Math.max(LEAST_PAUSE_MS, sights.pollMs()), world.signal);
  }
}

/** Whether anything was written: then the next look comes at once. */
async function act(window: Window, sight: WindowSight, actions: WindowActions): Promise<boolean> {
  const { run } = window;
  if (actions.defer.length > 0) {
    await giveBack(run, actions.defer);
    for (const ordinal of actions.defer) window.deferred.add(ordinal);
    run.world.report.warn(
      `${ordinalsText(actions.defer)} of statefulset/${run.intent.name}: connections do not end within ${formatDuration(run.intent.busyAfterMs ?? 0)}; weight given back, and their turn comes last`,
    );
    return true;
  }
  if (actions.ask.length > 0) {
    await ask(window, sight, actions.ask);
    return true;
  }
  const weights = await writeWeights(window, actions.restore, actions.drain);
  const deleted = await deleteAtZero(window, sight, actions.delete);
  return weights || deleted;
}

/** One write for both where the rules allow it; weights come back in any case. */
async function writeWeights(window: Window, back: readonly number[], drain: readonly number[]): Promise<boolean> {
  const { run } = window;
  const { world, intent } = run;
  window.held = undefined;
  if (drain.length > 0) {
    try {
      const drained = await drainWeights(world, { ...intent, ordinals: drain }, window.alone, back);
      // The pods that were to come back may have fallen ill while the question was open.
      if (drained === 'answered') return true;
      const { facts, drainSet } = drained;
      window.conflicts = 0;
      window.allowance -= drain.length;
      await writeEvent(world, facts.set, 'ZerolossAdvanced', eventText(back, drain), {
        weights: [{ ordinals: back }, { ordinals: drainSet, weight: 0 }].filter(({ ordinals }) => ordinals.length > 0),
      });
      keep(run, { results: [...resultsOf(facts, back, 'restored'), ...resultsOf(facts, drain, 'drained')] });
      return true;
    } catch (error) {
      if (error instanceof StatusError && error.httpStatus === 409) return again(window, error);
      if (!(error instanceof RefusedError) || !error.refusals.every(({ rule }) => NOT_NOW.has(rule))) throw error;
      window.held = error;
    }
  }
  if (back.length === 0) return false;
  await giveBack(run, back);
  return true;
}

/** Somebody wrote in between: the next look plans anew. Throws ConflictError after five times in a row. */
function again(window: Window, error: StatusError): true {
  window.conflicts += 1;
  if (window.conflicts < CONFLICTS) return true;
  throw new ConflictError(
    `a Service of statefulset/${window.run.intent.name} was changed by another writer ${CONFLICTS} times in a row; nothing of theirs was overwritten`,
    TRY_AGAIN,
    error,
  );
}

async function giveBack(run: Run, ordinals: readonly number[]): Promise<void> {
  keep(run, await restore(run.world, { ...run.intent, ordinals, weightsOnly: true }));
}

async function deleteAtZero(window: Window, { facts, watches }: WindowSight, due: readonly number[]): Promise<boolean> {
  const { run } = window;
  const { world, intent } = run;
  let isAny = false;
  // One after the other: the proof of each is a moment old when it goes.
  for (const ordinal of due) {
    const pod = facts.pods.find((each) => each.ordinal === ordinal);
    const gate = watches.get(ordinal);
    if (pod === undefined || gate === undefined) continue;
    try {
      const deadlineMs = deadlineOf(world, intent);
      const deletion = await prepareDeletion(world, { ...intent, force: false }, facts, {
        doomed: [pod],
        gate,
        deadlineMs,
      });
      await deletion(() =>
        keep(run, {
          results: [{ object: `pod/${pod.name}`, action: 'deleted', changed: true, note: `uid ${pod.uid}, at zero` }],
        }),
      );
      isAny = true;
    } catch (error) {
      // A client came back, or a colleague paused: the pod stays, and the next look judges it anew.
      if (!(error instanceof RefusedError) || error.refusals.some(({ rule }) => !RETURNING.has(rule))) throw error;
    }
  }
  return isAny;
}

const RETURNING = new Set(['at-zero', 'no-inside-client', 'paused']);

async function ask(window: Window, { facts }: WindowSight, next: readonly number[]): Promise<void> {
  const { world, intent } = window.run;
  const outdated = facts.pods.filter((pod) => isOutdated(pod, facts.set)).length;
  await askBatch(world, { statefulSet: facts.set.name, ordinals: next, drained: false, outdated, alone: [] });
  window.allowance = intent.askEvery ?? window.maxUnavailable;
}

const eventText = (back: readonly number[], drain: readonly number[]): string =>
  `weights back for ${formatOrdinals(back) || 'none'}, weight 0 for ${formatOrdinals(drain)}`;

const resultsOf = ({ set }: Facts, ordinals: readonly number[], action: string) =>
  ordinals.map((ordinal) => ({ object: `pod/${set.name}-${ordinal}`, action, changed: true }));

/** Nothing is on its way any more, and not everything is done. */
function endOf(
  { held, run, deferred }: Window,
  { seen, facts }: WindowSight,
  { sick }: WindowActions,
  late: readonly SeenPod[],
): Error {
  const { name } = facts.set;
  if (sick.length > 0) {
    const pods = facts.pods.filter(({ ordinal }) => sick.includes(ordinal));
    const states = pods.map((pod) => `pod/${pod.name} ${notReadyBecause(pod) ?? `is not well (${pod.state})`}`);
    return new DisagreesError(
      `updated and not well: ${states.join(', ')}; no further pod of statefulset/${name} was begun`,
      lines(
        kubectl('describe', 'pod', ...pods.map((pod) => pod.name)).note('shows why; so may kubectl logs'),
        own('rollback', run.intent.name).note('the way back'),
      ),
    );
  }
  if (late.length > 0)
    return new NotYetError(lateText({ run, deferred }, name, late), way('on', 'the same command goes on from here'));
  if (held !== undefined) return held;
  const left = seen.filter(({ place }) => place !== 'done').map(({ ordinal }) => ordinal);
  return new NotYetError(`${ordinalsText(left)} of statefulset/${name}: nothing can be begun now`, own('status', name));
}
