/** upgrade: the loop of the verbs. The next step is judged from the cluster each time, so any run goes on where any other stopped. */

import { isPassing, NotStartedError, PausedError, RefusedError } from '../../core/errors.ts';
import type { Facts } from '../../core/facts/facts.ts';
import type { UpgradeIntent } from '../../core/intent/intent.ts';
import { outcome } from '../../core/outcome/build-outcome.ts';
import type { ObjectResult, Outcome } from '../../core/outcome/outcome.ts';
import { type NextStep, nextStep, stepText } from '../../core/plan/next-step.ts';
import { isPauseReached, withinPause } from '../../core/plan/pause-at.ts';
import { overdueOf } from '../../core/target/going.ts';
import { without } from '../../core/target/ordinals.ts';
import { isOutdated } from '../../core/target/pod.ts';
import { formerReplicas, scaleRule, surplusOrdinals } from '../../core/target/surplus.ts';
import { heldCanariesText } from '../../core/weights/held-canaries.ts';
import { refuseUselessWindowFlags } from '../../core/window/refuse-useless-flags.ts';
import type { World } from '../../ports.ts';
import { lastingRounds } from '../guard/lasting-rounds.ts';
import { withLease } from '../guard/lease.ts';
import { serverNowMs } from '../guard/server-time.ts';
import { refuseUnknownNodes } from '../target/leave-nodes.ts';
import { batchProgress } from '../upgrade/batch-progress.ts';
import { planIntentOf, refuseBeforeFirstWrite, targetRefusals } from '../upgrade/before-first-write.ts';
import { finished, pauseReached } from '../upgrade/finished.ts';
import { askFirst } from '../upgrade/first-question.ts';
import { type BelievedState, knownOf } from '../upgrade/foreign-changes.ts';
import { asBatches, barePlan, planResults } from '../upgrade/foresee.ts';
import { lookAgain } from '../upgrade/look-again.ts';
import { keep, type Run } from '../upgrade/run.ts';
import { checkContainers, withRestartTime, withRevisionBack } from '../upgrade/set-image.ts';
import { interruptedUpgrade, stoppedUpgrade } from '../upgrade/stopped-upgrade.ts';
import { take } from '../upgrade/take-step.ts';
import { whilePaused } from '../upgrade/while-paused.ts';
import { windowLoop } from '../window/window-loop.ts';

/** Between two looks of which the first failed. */
const AGAIN_MS = 3_000;

/** Throws what the verbs throw; the state is then a named one, and the same command goes on from it. */
export async function upgrade(world: World, intent: UpgradeIntent): Promise<Outcome> {
  refuseUselessWindowFlags(intent);
  const results: ObjectResult[] = [];
  try {
    return await withLease(world, intent, 'upgrade', (held) =>
      loop({ world: { ...held, shown: new Set() }, intent, results, soaked: new Set(), agreed: new Set() }),
    );
  } catch (error) {
    const { name, services } = intent;
    // Not inside the lease, whose renewal ends at once when the command is stopped.
    if (world.signal.aborted) throw await interruptedUpgrade(world, error, { ...intent, done: results });
    throw await stoppedUpgrade(world, error, { name, services, done: results });
  }
}

async function loop(run: Run): Promise<Outcome> {
  const { world } = run;
  const lasting = lastingRounds(world, run.intent);
  for (;;) {
    const ended = await lasting(
      () => round(run),
      (error) => {
        // Before its first step there is nothing to lose yet.
        if (run.begun !== true) throw error;
        keep(run, error);
      },
    );
    if (ended === undefined) await world.clock.sleep(AGAIN_MS, world.signal);
    else if (ended !== 'goes on') return ended;
  }
}

/** One look, and the step that is due at it. */
async function round(run: Run): Promise<Outcome | 'goes on'> {
  const { world } = run;
  const isFirst = run.known === undefined;
  const facts = await lookAgain(run);
  if (isFirst) {
    const timed = withRestartTime(world, asBatches(run.intent, facts), facts.set);
    run.intent = await withRevisionBack(world, timed, facts);
  }
  const { intent } = run;
  if (isFirst) {
    await refuseUnknownNodes(world, intent);
    warnOfOtherSurge(run, facts);
    warnOfCanary(run, facts);
  }
  const refusals = await targetRefusals(world, intent, facts);
  if (refusals.length > 0) throw new RefusedError(refusals);
  checkContainers(facts.set, intent.images);
  const next = nextStep(facts, withinPause(intent, facts), overdueOf(facts.pods, serverNowMs(world)));
  if (isPauseReached(intent, facts, next)) return pauseReached(run, facts);
  if (intent.dryRun !== 'none') return foretold(run, facts, next);
  if (next.step === 'done') return finished(run, facts);
  refuseUnasked(world, intent);
  if (goesOn(next, facts) && (await whilePaused(world, intent))) return 'goes on';
  const foreign = next.step === 'drain-surplus' || next.step === 'finish' ? scaleRule(facts.set) : [];
  if (foreign.length > 0) throw new RefusedError(foreign);
  if (run.begun !== true) {
    await refuseBeforeFirstWrite(world, intent, facts, next);
    run.begun = intent.yes || run.answered === true;
    if (run.begun === false) {
      for (const ordinal of await askFirst(world, intent, facts)) run.agreed.add(ordinal);
      run.answered = true;
      // An answer may take an hour: everything is judged again before the first write.
      return 'goes on';
    }
  }
  if (intent.maxUnavailable !== undefined && isWindowed(next, facts)) {
    await windowLoop(run, facts);
    return 'goes on';
  }
  run.progress ??= batchProgress(world, barePlan(facts, planIntentOf(intent), intent.pauseAt).batches.length);
  // The next look finds the changes of the step itself, of one whose answer was lost too.
  const changed = { ...knownOf(facts, intent.images), ...changedBy(next) };
  const isTaken = await takeUnlessPaused(run, facts, next).catch((error: unknown) => {
    if (isPassing(error)) run.known = changed;
    throw error;
  });
  if (isTaken && next.step === 'set-image') run.known = { ...changed, imagesSet: true };
  if (isTaken && (next.step === 'surge' || next.step === 'finish')) run.known = changed;
  return 'goes on';
}

const changedBy = ({ step }: NextStep): Partial<BelievedState> =>
  step === 'set-image' ? { revision: undefined } : step === 'surge' || step === 'finish' ? { replicas: undefined } : {};

/** Where nothing is to be done there is nothing to ask. */
function refuseUnasked({ confirm }: World, { yes }: UpgradeIntent): void {
  if (yes || confirm !== undefined) return;
  throw new NotStartedError(
    'add --yes to continue without asking',
    'there is no terminal on which to ask before the first write and each batch',
  );
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
    const isPause =
      error instanceof PausedError ||
      (error instanceof RefusedError && error.refusals.every(({ rule }) => rule === 'paused'));
    if (!isPause) throw error;
    // A pod that went before the pause.
    keep(run, error);
    return false;
  }
}

/** The steps that it would take; refused as it would be. */
async function foretold({ world, intent }: Run, facts: Facts, next: NextStep): Promise<Outcome> {
  if (next.step !== 'done') await refuseBeforeFirstWrite(world, intent, facts, next);
  const plan = barePlan(facts, planIntentOf(intent), intent.pauseAt);
  const message = `dry run, nothing was written; the first step would be: ${stepText(next)}`;
  return outcome('upgrade', facts, intent, { results: planResults(plan), message, details: { next, plan } });
}

/** The part of an upgrade that the window does; a write that was interrupted between two Services is finished first. */
const isWindowed = (next: NextStep, { set }: Facts): boolean =>
  (next.step === 'drain' && next.asked) ||
  (next.step === 'recreate' && without(next.ordinals, surplusOrdinals(set)).length > 0) ||
  next.step === 'give-back';

/** The question before the first write has it as a line of its own. */
function warnOfCanary({ world, intent }: Run, facts: Facts): void {
  const { canaries = [] } = barePlan(facts, planIntentOf(intent));
  if (canaries.length > 0 && intent.yes)
    world.report.warn(`canary: ${heldCanariesText(canaries)}; this upgrade gives the whole weight at once`);
}

/** A surge that is on is not made another one: pods that came later would be born on the new image. */
function warnOfOtherSurge({ world, intent }: Run, { set }: Facts): void {
  if (intent.surge === 0 || formerReplicas(set) === undefined) return;
  const count = surplusOrdinals(set).length;
  if (count !== intent.surge)
    world.report.warn(
      `a surge by ${count} exists already and is kept: --surge ${intent.surge} only applies when an upgrade begins`,
    );
}
