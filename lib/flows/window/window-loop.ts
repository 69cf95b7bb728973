/**
 * The sliding window of upgrade: at each tick one look at cluster, load balancer and sources, for all pods together, and then
 * everything that is due. The due actions are a pure function of the look (`lib/core/window/actions.ts`).
 */

import { ConflictError, isPassing, RefusedError, StatusError, ZerolossError } from '../../core/errors.ts';
import type { Facts } from '../../core/facts/facts.ts';
import { pausePlace } from '../../core/plan/pause-at.ts';
import { ordinalsText, union } from '../../core/target/ordinals.ts';
import { readPause } from '../../core/target/pause.ts';
import { isOutdated } from '../../core/target/pod.ts';
import { regularOrdinals } from '../../core/target/surplus.ts';
import { formatDuration } from '../../core/values/duration.ts';
import { TRY_AGAIN } from '../../core/values/way.ts';
import { type WindowActions, type WindowWish, windowActions } from '../../core/window/actions.ts';
import { windowSizeOf } from '../../core/window/size.ts';
import { lastingRounds } from '../guard/lasting-rounds.ts';
import { aloneRule } from '../safety/alone-rule.ts';
import { findWayBack } from '../target/find-way-back.ts';
import { askBatch } from '../upgrade/ask-batch.ts';
import { restore as restoreWeights } from '../upgrade/limited-steps.ts';
import { lookAgain } from '../upgrade/look-again.ts';
import { keep, type Run } from '../upgrade/run.ts';
import { stillPaused } from '../upgrade/while-paused.ts';
import { drainWeights } from '../weights/drain-weights.ts';
import { lookHolds, stillReady } from '../weights/still-ready.ts';
import { writeAdvanced } from '../weights/write-advanced.ts';
import { holdDrain, isNotNow } from './hold-drain.ts';
import { createWindowShow, type ShowWindow } from './show-window.ts';
import { stopFor } from './stop-window.ts';
import { settleTried } from './tried-drain.ts';
import { deleteAtZero } from './window-deletions.ts';
import { endOf, refuseMoved } from './window-end.ts';
import { askGates } from './window-gates.ts';
import { isMoving, isPausedTooLong, isReplacement, lateOf } from './window-late.ts';
import { createWindowSights, type WindowSight, type WindowSights } from './window-sights.ts';
import type { WindowState } from './window-state.ts';

const LEAST_PAUSE_MS = 500;
const CONFLICTS = 5;
/** A look that is older than this is not what a write rests on. */
const FRESH_MS = 1_000;

/**
 * Resolves once every pod but the surplus is updated, serves, and has been observed; with a pause, once so many are. Throws DisagreesError for a sick pod once
 * nothing else is on its way, NotYetError for one that stays where it is for longer than --timeout.
 */
export async function windowLoop(run: Run, facts: Facts): Promise<void> {
  const { world, intent } = run;
  const { confirm: _asks, ...silent } = world;
  const sights = createWindowSights(run);
  const size = sizeNow(intent, facts);
  const window: WindowState = {
    run,
    maxUnavailable: size,
    deferred: new Set(),
    // The question before the first write was for these.
    allowance: intent.yes ? Number.POSITIVE_INFINITY : (intent.askEvery ?? size),
    since: new Map(),
    lookedAtMs: world.clock.now(),
    tried: [],
    weighted: new Set(),
    undeleted: new Map(),
    undeletable: new Set(),
    stuck: new Set(),
    conflicts: 0,
    alone: aloneRule(intent.yes ? silent : world, intent),
  };
  const show = createWindowShow(run);
  const lasting = lastingRounds(world, intent);
  for (;;) {
    const next = await lasting(
      () => tick(window, sights, show),
      // With the results of a write that came before the failure.
      (error) => keep(run, error),
    );
    if (next === 'over') return;
    if (next === 'written') continue;
    await world.clock.sleep(Math.max(LEAST_PAUSE_MS, sights.pollMs()), world.signal);
  }
}

/** One look, and everything that is due at it. `written`: the next look comes at once. */
async function tick(window: WindowState, sights: WindowSights, show: ShowWindow): Promise<'over' | 'written' | 'rest'> {
  const { run } = window;
  const { intent } = run;
  const sight = await look(run, sights);
  window.maxUnavailable = sizeNow(intent, sight.facts);
  window.taken ??= new Set(sight.facts.drainSet);
  settleTried(window, sight);
  refuseMoved(window, sight);
  // One that somebody drained by hand is no pod whose weight this run gives back.
  for (const ordinal of sight.facts.byHand) window.deferred.add(ordinal);
  const pause = readPause(sight.facts.set);
  const late = lateOf(window, sight, pause !== undefined);
  const wish: WindowWish = {
    maxUnavailable: window.maxUnavailable,
    refill: 'each',
    ordered: sight.facts.set.podManagementPolicy !== 'Parallel',
    most: intent.pauseAt === undefined ? Number.POSITIVE_INFINITY : pausePlace(sight.facts, intent.pauseAt).at,
    allowance: window.allowance,
    busyAfterMs: intent.busyAfterMs,
    deferred: window.deferred,
    paused: pause !== undefined,
    stopped: window.stopped !== undefined || late.some(isReplacement),
  };
  let actions = windowActions(sight.seen, wish);
  await askGates(window, sight, actions);
  if (window.stopped !== undefined && !wish.stopped) actions = windowActions(sight.seen, { ...wish, stopped: true });
  show(sight, window.maxUnavailable, pause);
  if (actions.done && window.stopped === undefined) {
    for (const pod of sight.facts.pods) run.soaked.add(pod.uid);
    return 'over';
  }
  if (await act(window, sight, actions)) return 'written';
  if (
    pause === undefined &&
    !sight.seen.some((pod) => isMoving(pod, window.undeleted) && !late.includes(pod) && !window.stuck.has(pod.ordinal))
  )
    throw endOf(window, sight, actions, late, await findWayBack(run.world, sight.facts));
  if (isPausedTooLong(window, pause !== undefined) && pause !== undefined)
    throw stillPaused(sight.facts.set.name, pause);
  return 'rest';
}

async function look(run: Run, sights: WindowSights): Promise<WindowSight> {
  try {
    return await sights.look(await lookAgain(run));
  } catch (error) {
    sights.miss();
    throw error;
  }
}

const sizeNow = ({ maxUnavailable }: Run['intent'], { set }: Facts): number =>
  windowSizeOf(maxUnavailable, regularOrdinals(set).length);

/** Whether anything was written: then the next look comes at once. */
async function act(window: WindowState, sight: WindowSight, actions: WindowActions): Promise<boolean> {
  const weights = await writeWeights(window, sight, actions);
  const deleted = await deleteAtZero(window, sight, actions.delete);
  // An answer may take an hour: no pod waits for it whose turn needs none.
  const asks = actions.ask.length > 0 && !weights && !deleted;
  return asks ? ask(window, sight, actions.ask) : weights || deleted;
}

/** One write for everything where the rules allow it; weights come back in any case. */
async function writeWeights(
  window: WindowState,
  sight: WindowSight,
  { restore, defer, drain: begun, level }: WindowActions,
): Promise<boolean> {
  const { run } = window;
  const { world, intent } = run;
  const back = union(restore, defer);
  const drain = union(begun, level);
  window.held = undefined;
  window.stuck = new Set();
  let unanswered: ZerolossError | undefined;
  if (drain.length > 0) {
    try {
      const holds = lookHolds(sight.seen, restore);
      const drained = await drainWeights(world, { ...intent, ordinals: drain }, window.alone, back, holds);
      // More pods are out than the look has shown, or may be after a question.
      if (drained === 'answered') return true;
      const { facts, drainSet } = drained;
      window.conflicts = 0;
      window.allowance -= begun.length;
      for (const ordinal of back) window.taken?.delete(ordinal);
      for (const ordinal of drain) window.taken?.add(ordinal);
      await writeAdvanced(world, facts.set, { back, drained: drain, zeros: drainSet });
      keep(run, { results: [...resultsOf(facts, back, 'restored'), ...resultsOf(facts, drain, 'drained')] });
      putLast(window, defer);
      return true;
    } catch (error) {
      // Weights may have come back in the part of the write that succeeded: that was no other writer.
      for (const ordinal of back) window.taken?.delete(ordinal);
      if (!(error instanceof RefusedError)) window.tried = begun;
      // The Services that were written before it: another error may end the run in place of this one.
      if (error instanceof ZerolossError) {
        keep(run, error);
        error.inWhole({ results: [] });
      }
      const conflict = error instanceof StatusError && error.httpStatus === 409 ? error : undefined;
      window.conflicts += conflict === undefined ? 0 : 1;
      // The next look plans anew.
      if (conflict !== undefined && window.conflicts < CONFLICTS) return true;
      if (!world.signal.aborted && isPassing(error)) unanswered = error;
      else if (isNotNow(error)) holdDrain(window, error, level);
      else {
        stopFor(window, sight, conflict === undefined ? error : inARow(intent.name, conflict));
        window.stuck = new Set(level);
      }
    }
  }
  if (back.length > 0) {
    await giveBack(window, restore, defer);
    putLast(window, defer);
  }
  // Giving weights back asks the cloud nothing: it does not wait for the answer that the drain waits for.
  if (unanswered !== undefined) throw unanswered;
  return back.length > 0;
}

/** They have their weight again, busy as they are. */
function putLast({ run, deferred }: WindowState, ordinals: readonly number[]): void {
  if (ordinals.length === 0) return;
  for (const ordinal of ordinals) deferred.add(ordinal);
  run.world.report.warn(
    `${ordinalsText(ordinals)} of statefulset/${run.intent.name}: connections do not end within ${formatDuration(run.intent.busyAfterMs ?? 0)}; weight given back, and their turn comes last`,
  );
}

const inARow = (name: string, error: StatusError): ConflictError =>
  new ConflictError(
    `a Service of statefulset/${name} was changed by another writer ${CONFLICTS} times in a row; nothing of theirs was overwritten`,
    TRY_AGAIN,
    error,
  );

/** Those of `restore` that are still well: gates, or a drain that was refused, may have taken their time since the look. */
async function giveBack(window: WindowState, restore: readonly number[], defer: readonly number[]): Promise<void> {
  const { run, taken } = window;
  const { world, intent } = run;
  const isOld = world.clock.now() - window.lookedAtMs > FRESH_MS;
  const ordinals = union(isOld ? await stillReady(world, intent, restore) : restore, defer);
  if (ordinals.length === 0) return;
  for (const ordinal of ordinals) taken?.delete(ordinal);
  keep(run, await restoreWeights(world, { ...intent, ordinals, weightsOnly: true, sparesByHand: true }));
}

/** A no begins nothing more. Returns true: an answer may take an hour, and the next look comes at once. */
async function ask(window: WindowState, sight: WindowSight, next: readonly number[]): Promise<true> {
  const { world, intent } = window.run;
  const { set, pods } = sight.facts;
  const outdated = pods.filter((pod) => isOutdated(pod, set)).length;
  try {
    const allowance = intent.askEvery ?? window.maxUnavailable;
    const following = Math.min(allowance, outdated) - next.length;
    await askBatch(world, { statefulSet: set.name, ordinals: next, drained: false, outdated, following, alone: [] });
    window.allowance = allowance;
  } catch (error) {
    stopFor(window, sight, error);
  }
  return true;
}

const resultsOf = ({ set }: Facts, ordinals: readonly number[], action: string) =>
  ordinals.map((ordinal) => ({ object: `pod/${set.name}-${ordinal}`, action, changed: true }));
