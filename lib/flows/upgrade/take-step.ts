/** One step of an upgrade: the verb that it stands for, and the questions before it. */

import { ConflictError, DisagreesError } from '../../core/errors.ts';
import type { Facts } from '../../core/facts/facts.ts';
import { imageText, type NextStep, stepText } from '../../core/plan/next-step.ts';
import { aloneText, leftAlone } from '../../core/safety/alone.ts';
import { intersection, union, without } from '../../core/target/ordinals.ts';
import { isOutdated, podsAt } from '../../core/target/pod.ts';
import { surplusOrdinals } from '../../core/target/surplus.ts';
import { awaitGoing } from '../batch/await-going.ts';
import { retryConflict } from '../guard/retry-conflict.ts';
import { waitOnSame } from '../zero/wait-on-same.ts';
import { openZeroWatch, type ZeroWatch } from '../zero/zero-watch.ts';
import { askBatch } from './ask-batch.ts';

import { drain, recreate, restore, surge, verify, waitZero } from './limited-steps.ts';
import { lookAgain } from './look-again.ts';
import { observeFor, observeUpdated } from './observe-updated.ts';
import { keep, type Run } from './run.ts';
import { setImages } from './set-image.ts';

/** Takes the step, and announces it once every question before it has been answered with yes. Throws what its verb throws. */
export async function take(run: Run, facts: Facts, next: NextStep): Promise<void> {
  const { world, intent } = run;
  const announce = () => world.report.progress(stepText(next));
  if (next.step !== 'drain' && next.step !== 'recreate') announce();
  switch (next.step) {
    case 'surge':
      return keep(run, await surge(world, { ...intent, count: next.count, dark: next.dark, holdsCanary: true }));
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
      announce();
      run.progress?.begins();
      if (await takeOut(run, facts, next.ordinals, next.asked && !intent.yes))
        run.progress?.drained(without(next.ordinals, facts.atZero));
      return;
    case 'drain-surplus':
      await observeUpdated(run, facts);
      await takeOut(run, facts, next.ordinals, false);
      return;
    case 'recreate':
      return replace(run, facts, next.ordinals, announce);
    case 'light':
      await verify(world, { ...intent, ordinals: next.ordinals, forMs: 0 });
      keep(run, await restore(world, { ...intent, ordinals: next.ordinals, weightsOnly: false }));
      return observeFor(run, facts, next.ordinals);
    case 'give-back':
      keep(run, await restore(world, { ...intent, ordinals: next.ordinals, weightsOnly: false, sparesByHand: true }));
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
async function finish(run: Run, facts: Facts): Promise<void> {
  const { world, intent } = run;
  const { set, pods, atZero } = facts;
  const surplus = intersection(surplusOrdinals(set), atZero);
  const drained = podsAt(pods, surplus).map(({ ordinal }) => ordinal);
  const watch = drained.length > 0 ? openZeroWatch(world, intent, drained) : undefined;
  const wait = (opened: ZeroWatch) => waitZero(world, { ...intent, ordinals: drained }, opened);
  if (watch !== undefined && !(await waitOnSame(facts, watch, wait))) return;
  keep(run, await restore(world, { ...intent, weightsOnly: false }, watch));
}

/**
 * Whether this run wrote anything. `agreed`: the person has read what it means for Services that lead to one pod alone. With
 * --yes there are no questions.
 */
async function takeOut(run: Run, facts: Facts, ordinals: readonly number[], agreed: boolean): Promise<boolean> {
  const { world, intent } = run;
  const { confirm: _asks, ...silent } = world;
  const left = agreed ? leftAlone(facts, union(facts.drainSet, ordinals)).map(({ service }) => service.name) : [];
  const allowAlone = [...(intent.allowAlone ?? []), ...left];
  const drained = await drain(intent.yes ? silent : world, { ...intent, ordinals, allowAlone });
  keep(run, drained);
  return drained.changed;
}

/** Only outdated pods have to be at zero; one that is updated already is waited for. */
async function replace(run: Run, facts: Facts, ordinals: readonly number[], announce: () => void): Promise<void> {
  const { world, intent } = run;
  // One that is going already was deleted by a run that ended there.
  const outdated = facts.pods
    .filter((pod) => ordinals.includes(pod.ordinal) && isOutdated(pod, facts.set) && !pod.terminating)
    .map((pod) => pod.ordinal);
  // This operator has not agreed to a batch that another writer, or an earlier run, drained.
  const unasked = without(outdated, run.agreed);
  if (unasked.length > 0) await ask(run, facts, unasked, true);
  announce();
  // One watch for the wait and the deletion: the readings that prove zero go on to the last look before it.
  const watch = outdated.length > 0 ? openZeroWatch(world, intent, outdated) : undefined;
  if (watch !== undefined) {
    const wait = () => waitOnSame(facts, watch, (opened) => waitZero(world, { ...intent, ordinals: outdated }, opened));
    if (!(await (run.progress?.zero(wait) ?? wait()))) return;
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

async function ask(run: Run, facts: Facts, ordinals: readonly number[], drained: boolean): Promise<void> {
  const { world, intent, agreed } = run;
  const outdated = facts.pods.filter((pod) => isOutdated(pod, facts.set)).length;
  const alone = drained ? [] : leftAlone(facts, ordinals).map((weights) => aloneText(facts, weights));
  if (!intent.yes)
    await askBatch(world, { statefulSet: facts.set.name, ordinals, drained, outdated, following: 0, alone });
  for (const ordinal of ordinals) agreed.add(ordinal);
  // An answer may take an hour: another writer may have changed the template, or the Services, meanwhile.
  if (!intent.yes) await lookAgain(run);
}
