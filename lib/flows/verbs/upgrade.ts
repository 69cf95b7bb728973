/** upgrade: the loop of the verbs. The next step is judged from the cluster each time, so any run goes on where any other stopped. */

import { ConflictError, DisagreesError, NotStartedError, PausedError, RefusedError } from '../../core/errors.ts';
import type { Facts } from '../../core/facts/facts.ts';
import type { UpgradeIntent } from '../../core/intent/intent.ts';
import { outcome } from '../../core/outcome/build-outcome.ts';
import type { ObjectResult, Outcome } from '../../core/outcome/outcome.ts';
import { imageText, type NextStep, nextStep, stepText } from '../../core/plan/next-step.ts';
import { isPauseReached, withinPause } from '../../core/plan/pause-at.ts';
import { aloneText, leftAlone } from '../../core/safety/alone.ts';
import { overdueOf } from '../../core/target/going.ts';
import { ordinalSet, union, without } from '../../core/target/ordinals.ts';
import { isOutdated } from '../../core/target/pod.ts';
import { formerReplicas, scaleRule, surplusOrdinals } from '../../core/target/surplus.ts';
import type { World } from '../../ports.ts';
import { withLease } from '../guard/lease.ts';
import { retryConflict } from '../guard/retry-conflict.ts';
import { serverNowMs } from '../guard/server-time.ts';
import { refuseUnknownNodes } from '../target/leave-nodes.ts';
import { askBatch } from '../upgrade/ask-batch.ts';
import { awaitGoing } from '../upgrade/await-going.ts';
import { batchProgress } from '../upgrade/batch-progress.ts';
import { planIntentOf, refuseBeforeFirstWrite, targetRefusals } from '../upgrade/before-first-write.ts';
import { finished, pauseReached } from '../upgrade/finished.ts';
import { askFirst } from '../upgrade/first-question.ts';
import { knownOf } from '../upgrade/foreign-changes.ts';
import { asBatches, barePlan, planResults } from '../upgrade/foresee.ts';
import { drain, recreate, restore, surge, verify, waitZero } from '../upgrade/limited-steps.ts';
import { lookAgain } from '../upgrade/look-again.ts';
import { observeFor, observeUpdated } from '../upgrade/observe-updated.ts';
import { keep, type Run } from '../upgrade/run.ts';
import { checkContainers, setImages, withRestartTime } from '../upgrade/set-image.ts';
import { interruptedUpgrade, stoppedUpgrade } from '../upgrade/stopped-upgrade.ts';
import { whilePaused } from '../upgrade/while-paused.ts';
import { windowLoop } from '../window/window-loop.ts';
import { openZeroWatch } from '../zero/zero-watch.ts';

/** Throws what the verbs throw; the state is then a named one, and the same command goes on from it. */
export async function upgrade(world: World, intent: UpgradeIntent): Promise<Outcome> {
  if (!intent.yes && world.confirm === undefined && intent.dryRun === 'none') {
    throw new NotStartedError(
      'add --yes to continue without asking',
      'there is no terminal on which to ask before the first write and each batch',
    );
  }
  const results: ObjectResult[] = [];
  try {
    return await withLease(world, intent, 'upgrade', (held) =>
      loop({ world: { ...held, shown: new Set() }, intent, results, soaked: new Set(), agreed: new Set() }),
    );
  } catch (error) {
    const { name, services } = intent;
    // Not inside the lease, whose renewal ends at once when the command is stopped.
    if (world.signal.aborted) throw await interruptedUpgrade(world, intent);
    throw await stoppedUpgrade(world, error, { name, services, done: results });
  }
}

async function loop(run: Run): Promise<Outcome> {
  const { world } = run;
  for (;;) {
    const isFirst = run.known === undefined;
    const facts = await lookAgain(run);
    if (isFirst) run.intent = withRestartTime(world, asBatches(run.intent, facts));
    const { intent } = run;
    if (isFirst) {
      await refuseUnknownNodes(world, intent);
      warnOfOtherSurge(run, facts);
    }
    const refusals = await targetRefusals(world, intent, facts);
    if (refusals.length > 0) throw new RefusedError(refusals);
    checkContainers(facts.set, intent.images);
    const next = nextStep(facts, withinPause(intent, facts), overdueOf(facts.pods, serverNowMs(world)));
    if (isPauseReached(intent, facts, next)) return pauseReached(run, facts);
    if (intent.dryRun !== 'none') return foretold(run, facts, next);
    if (next.step === 'done') return finished(run, facts);
    if (goesOn(next, facts) && (await whilePaused(world, intent))) continue;
    const foreign = next.step === 'drain-surplus' || next.step === 'finish' ? scaleRule(facts.set) : [];
    if (foreign.length > 0) throw new RefusedError(foreign);
    if (isFirst) {
      await refuseBeforeFirstWrite(world, intent, facts, next);
      if (!intent.yes) for (const ordinal of await askFirst(world, intent, facts)) run.agreed.add(ordinal);
    }
    if (intent.maxUnavailable !== undefined && isWindowed(next)) {
      await windowLoop(run, facts);
      continue;
    }
    run.progress ??= batchProgress(world, barePlan(facts, planIntentOf(intent)).batches.length);
    world.report.progress(stepText(next));
    if (!(await takeUnlessPaused(run, facts, next))) continue;
    // The next look finds the changes of the step itself.
    if (next.step === 'set-image')
      run.known = { ...knownOf(facts, intent.images), revision: undefined, imagesSet: true };
    if (next.step === 'surge' || next.step === 'finish')
      run.known = { ...knownOf(facts, intent.images), replicas: undefined };
  }
}

/** Whether a step begins anything that a pause is there to halt; giving weights back and waiting for replacements go on. */
const goesOn = (next: NextStep, { pods, set }: Facts): boolean =>
  next.step === 'recreate'
    ? pods.some((pod) => next.ordinals.includes(pod.ordinal) && isOutdated(pod, set) && !pod.terminating)
    : next.step === 'finish'
      ? surplusOrdinals(set).length > 0
      : next.step !== 'give-back';

/** False: an operator paused the upgrade just before a drain or a deletion, and the step has to be taken again later. */
async function takeUnlessPaused(run: Run, facts: Facts, next: NextStep): Promise<boolean> {
  try {
    await take(run, facts, next);
    return true;
  } catch (error) {
    if (error instanceof RefusedError && error.refusals.every(({ rule }) => rule === 'paused')) return false;
    if (error instanceof PausedError) {
      keep(run, error);
      return false;
    }
    throw error;
  }
}

/** The steps that it would take; refused as it would be. */
async function foretold({ world, intent }: Run, facts: Facts, next: NextStep): Promise<Outcome> {
  if (next.step !== 'done') await refuseBeforeFirstWrite(world, intent, facts, next);
  const plan = barePlan(facts, planIntentOf(intent));
  const message = `the first step would be: ${stepText(next)}`;
  return outcome('upgrade', facts, intent, { results: planResults(plan), message, details: { next, plan } });
}

/** The part of an upgrade that the window does; a write that was interrupted between two Services is finished first. */
const isWindowed = (next: NextStep): boolean =>
  (next.step === 'drain' && next.asked) || next.step === 'recreate' || next.step === 'give-back';

/** A surge that is on is not made another one: pods that came later would be born on the new image. */
function warnOfOtherSurge({ world, intent }: Run, { set }: Facts): void {
  if (intent.surge === 0 || formerReplicas(set) === undefined) return;
  const count = surplusOrdinals(set).length;
  if (count !== intent.surge)
    world.report.warn(
      `a surge by ${count} exists already and is kept: --surge ${intent.surge} only applies when an upgrade begins`,
    );
}

async function take(run: Run, facts: Facts, next: NextStep): Promise<void> {
  const { world, intent } = run;
  switch (next.step) {
    case 'surge':
      return keep(run, await surge(world, { ...intent, count: next.count, dark: next.dark }));
    case 'set-image':
      return retryConflict(world, `statefulset/${intent.name}`, async () => {
        const { set, pods } = await lookAgain(run);
        await setImages(world, set, pods, next.images, next.restartedAt);
        const isImage = Object.keys(next.images).length > 0;
        const note = isImage ? imageText(next.images) : `at ${next.restartedAt}`;
        const action = isImage ? 'image set' : 'restarted';
        keep(run, { results: [{ object: `statefulset/${set.name}`, action, changed: true, note }] });
      });
    case 'drain':
      if (next.asked) {
        await observeUpdated(run, facts);
        const unasked = without(next.ordinals, [...run.agreed]);
        if (unasked.length > 0) await ask(run, facts, next.ordinals, false);
      }
      run.progress?.begins();
      return takeOut(run, facts, next.ordinals, next.asked && !intent.yes);
    case 'drain-surplus':
      await observeUpdated(run, facts);
      return takeOut(run, facts, next.ordinals, false);
    case 'recreate':
      return replace(run, facts, next.ordinals);
    case 'light':
      await verify(world, { ...intent, ordinals: next.ordinals, forMs: 0 });
      keep(run, await restore(world, { ...intent, ordinals: next.ordinals, weightsOnly: false }));
      return observeFor(run, facts, next.ordinals);
    case 'give-back':
      keep(run, await restore(world, { ...intent, ordinals: next.ordinals, weightsOnly: false }));
      await observeFor(run, facts, next.ordinals);
      return run.progress?.ends(facts, next.ordinals);
    case 'finish':
      return finish(run, facts);
    case 'await-going':
      return awaitGoing(world, intent, next.ordinals);
    case 'done':
      return;
  }
}

/** One watch for the wait and the scale-down, as for a batch. */
async function finish(run: Run, { pods, drainSet }: Facts): Promise<void> {
  const { world, intent } = run;
  const drained = ordinalSet(pods.map(({ ordinal }) => ordinal).filter((ordinal) => drainSet.includes(ordinal)));
  const watch = drained.length > 0 ? openZeroWatch(world, intent, drained) : undefined;
  if (watch !== undefined) await waitZero(world, { ...intent, ordinals: drained }, watch);
  keep(run, await restore(world, { ...intent, weightsOnly: false }, watch));
}

/** `agreed`: the person has read what it means for Services that lead to one pod alone. With --yes there are no questions. */
async function takeOut(run: Run, facts: Facts, ordinals: readonly number[], agreed: boolean): Promise<void> {
  const { world, intent } = run;
  const { confirm: _asks, ...silent } = world;
  const left = agreed ? leftAlone(facts, union(facts.drainSet, ordinals)).map(({ service }) => service.name) : [];
  const allowAlone = [...(intent.allowAlone ?? []), ...left];
  keep(run, await drain(intent.yes ? silent : world, { ...intent, ordinals, allowAlone }));
}

/** Only outdated pods have to be at zero; one that is updated already is waited for. */
async function replace(run: Run, facts: Facts, ordinals: readonly number[]): Promise<void> {
  const { world, intent } = run;
  // One that is going already was deleted by a run that ended there.
  const outdated = facts.pods
    .filter((pod) => ordinals.includes(pod.ordinal) && isOutdated(pod, facts.set) && !pod.terminating)
    .map((pod) => pod.ordinal);
  // This operator has not agreed to a batch that another writer, or an earlier run, drained.
  const unasked = without(outdated, run.agreed);
  if (unasked.length > 0) await ask(run, facts, unasked, true);
  // One watch for the wait and the deletion: the readings that prove zero go on to the last look before it.
  const watch = outdated.length > 0 ? openZeroWatch(world, intent, outdated) : undefined;
  if (watch !== undefined) {
    const wait = () => waitZero(world, { ...intent, ordinals: outdated }, watch);
    await (run.progress?.zero(wait) ?? wait());
    // A wait may take an hour: what the pods come back with must still be what was asked for.
    await lookAgain(run);
  }
  try {
    keep(run, await recreate(world, { ...intent, ordinals, force: false }, watch));
  } catch (error) {
    // A foreign change shows as a conflict, or as a replacement of a strange revision: a look at the whole names it in full.
    if (error instanceof ConflictError || error instanceof DisagreesError) await lookAgain(run);
    throw error;
  }
}

async function ask(
  { world, intent, agreed }: Run,
  facts: Facts,
  ordinals: readonly number[],
  drained: boolean,
): Promise<void> {
  const outdated = facts.pods.filter((pod) => isOutdated(pod, facts.set)).length;
  const alone = drained ? [] : leftAlone(facts, ordinals).map((weights) => aloneText(facts, weights));
  if (!intent.yes) await askBatch(world, { statefulSet: facts.set.name, ordinals, drained, outdated, alone });
  for (const ordinal of ordinals) agreed.add(ordinal);
}
