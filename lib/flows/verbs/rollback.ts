/** rollback: puts the former template back. No pod is touched: the updated ones become outdated, and the same verbs bring them back. */

import { RefusedError } from '../../core/errors.ts';
import type { Facts } from '../../core/facts/facts.ts';
import type { RollbackIntent } from '../../core/intent/intent.ts';
import { otherSetRule, takenBackRule } from '../../core/job/pin.ts';
import { outcome } from '../../core/outcome/build-outcome.ts';
import type { Outcome } from '../../core/outcome/outcome.ts';
import { wayBack } from '../../core/outcome/way-back.ts';
import { deletionRule, strategyRule } from '../../core/safety/rules.ts';
import { intersection, ordinalSet, ordinalsText } from '../../core/target/ordinals.ts';
import { FORMER_REVISION, formerRevision, type Revision, readRevisions } from '../../core/target/revisions.ts';
import { withSetFormat } from '../../core/target/set-format.ts';
import type { StatefulSetFacts } from '../../core/target/stateful-set-facts.ts';
import { formerReplicas } from '../../core/target/surplus.ts';
import { templateDiff } from '../../core/target/template-diff.ts';
import { type CommandAdvice, kubectl, own } from '../../core/values/command.ts';
import { CONTROLLER_REVISIONS, STATEFUL_SETS } from '../../ports/resources.ts';
import type { World } from '../../ports.ts';
import { deadlineOf } from '../guard/deadline.ts';
import { warnOfRunningVerb } from '../guard/other-operator.ts';
import { retryConflict } from '../guard/retry-conflict.ts';
import { writeEvent } from '../guard/write-event.ts';
import { gatherObserved } from '../target/gather-observed.ts';
import { warnOfLeftBehind } from '../target/orphaned-weights.ts';

/** Refused unless OnDelete: with RollingUpdate the new template would replace pods at once. Throws UsageError for an unknown revision. */
export async function rollback(world: World, intent: RollbackIntent): Promise<Outcome> {
  await warnOfRunningVerb(world, intent.name);
  return retryConflict(world, `statefulset/${intent.name}`, () => attempt(world, intent));
}

async function attempt(world: World, intent: RollbackIntent): Promise<Outcome> {
  const facts = await gatherObserved(world, intent, deadlineOf(world, intent));
  warnOfLeftBehind(world, facts);
  const { set, pods } = facts;
  const refusals = [...deletionRule(set), ...strategyRule(set), ...otherSetRule(set, intent.pin)];
  if (refusals.length > 0) throw new RefusedError(refusals);
  const objects = await world.kube.list(CONTROLLER_REVISIONS, {
    labelSelector: set.selectorText,
    signal: world.signal,
  });
  const revisions = readRevisions(objects.items, set);
  const target = formerRevision(revisions, set, pods, intent.toRevision);
  const object = `statefulset/${set.name}`;
  const again = ordinalSet(pods.filter((pod) => pod.revision !== target.name).map((pod) => pod.ordinal));
  const rest = {
    details: { toRevision: target.number, revision: target.name, outdated: again },
    next: nextCommands(facts, again),
  };
  const outdatedNow = `${again.length === 0 ? 'no pod is' : `${ordinalsText(again)}`} outdated now`;
  if (target.name === set.updateRevision) {
    const left = wayBack(set, pods, revisions)?.command.note('sets the template that outdated pods run');
    if (intent.toRevision === undefined) refuseForward(set, target, left, intent.pin);
    // How it came to have this template is not known: by a rollback, by upgrade --image, or by another writer.
    const kept = intent.toRevision === undefined ? ', the one to go back to' : '';
    const note = `revision ${target.number}${kept}; ${outdatedNow}`;
    return outcome('rollback', facts, intent, {
      results: [{ object, action: 'already has this template', changed: false, note }],
      ...rest,
      next: [...rest.next, ...(left === undefined ? [] : [left])],
    });
  }
  const foreign = takenBackRule(set, intent.pin);
  if (foreign.length > 0) throw new RefusedError(foreign);
  const current = revisions.find((revision) => revision.name === set.updateRevision);
  const diff = templateDiff(current?.template, target.template);
  for (const change of diff) world.report.progress(`${change.path}: ${change.before} -> ${change.after}`);
  if (intent.dryRun !== 'client') {
    // Recorded with it: asked again, this is where "back" is, and not what the pods run that are left.
    const metadata = {
      resourceVersion: set.resourceVersion,
      annotations: withSetFormat(set, { [FORMER_REVISION]: target.name }),
    };
    const patch = { ...target.patch, metadata };
    await world.kube.patch(STATEFUL_SETS, set.name, patch, {
      type: 'strategic',
      dryRun: intent.dryRun === 'server',
      signal: world.signal,
    });
  }
  if (intent.dryRun === 'none')
    await writeEvent(
      world,
      set,
      'ZerolossRolledBack',
      `template of revision ${target.number} (${target.name}) put back; outdated now: ${ordinalsText(again)}`,
    );
  return outcome('rollback', facts, intent, {
    results: [{ object, action: 'rolled back', changed: true, note: `to revision ${target.number}; ${outdatedNow}` }],
    ...rest,
    details: { ...rest.details, diff },
  });
}

/** An upgrade that set the kept template is not taken back by that template: going on would bring its pods to what was to be left. */
function refuseForward(
  set: StatefulSetFacts,
  { number }: Revision,
  left: CommandAdvice | undefined,
  pin: RollbackIntent['pin'],
): void {
  if (pin === undefined || takenBackRule(set, pin).length > 0) return;
  throw new RefusedError([
    {
      rule: 'back-is-clear',
      message: `the template that the upgrade with this pin sets is the one kept for statefulset/${set.name} to go back to (revision ${number}): it is not clear which one to go back to`,
      cure: left ?? kubectl('rollout', 'history', `statefulset/${set.name}`).note('shows what each revision was'),
    },
  ]);
}

/** Drained and outdated pods go first; with nothing outdated there is only to clear up. */
function nextCommands({ set, drainSet }: Facts, again: readonly number[]): CommandAdvice[] {
  if (intersection(again, drainSet).length > 0) return [own('wait-zero', set.name)];
  if (again.length > 0) return [own('upgrade', set.name)];
  return drainSet.length > 0 || formerReplicas(set) !== undefined ? [own('restore', set.name)] : [];
}
