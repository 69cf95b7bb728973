/** rollback: puts the former template back. No pod is touched: the updated ones become outdated, and the same verbs bring them back. */
import type { RollbackIntent } from '../core/intent.ts';
import { ordinalSet } from '../core/ordinals.ts';
import type { Outcome } from '../core/outcome.ts';
import { formerRevision, readRevisions } from '../core/revisions.ts';
import { deletionRule, strategyRule } from '../core/rules.ts';
import { templateDiff } from '../core/template-diff.ts';
import { RefusedError } from '../errors.ts';
import type { World } from '../ports.ts';
import { CONTROLLER_REVISIONS, STATEFUL_SETS } from '../resources.ts';
import { deadlineOf } from './deadline.ts';
import { gatherObserved } from './gather-observed.ts';
import { ordinalNote, outcome } from './outcome.ts';
import { recordEvent } from './record-event.ts';
import { retryConflict } from './retry-conflict.ts';

/** Refused unless OnDelete: with RollingUpdate the new template would replace pods at once. Throws UsageError for an unknown revision. */
export async function rollback(world: World, intent: RollbackIntent): Promise<Outcome> {
  return retryConflict(world, `statefulset/${intent.name}`, () => attempt(world, intent));
}

async function attempt(world: World, intent: RollbackIntent): Promise<Outcome> {
  const facts = await gatherObserved(world, intent, deadlineOf(world, intent));
  const { set, pods } = facts;
  const refusals = [...deletionRule(set), ...strategyRule(set)];
  if (refusals.length > 0) throw new RefusedError(refusals);
  const objects = await world.kube.list(CONTROLLER_REVISIONS, {
    labelSelector: set.selectorText,
    signal: world.signal,
  });
  const revisions = readRevisions(objects.items, set);
  const target = formerRevision(revisions, set, pods, intent.toRevision);
  const object = `statefulset/${set.name}`;
  if (target.name === set.updateRevision) {
    return outcome('rollback', facts, intent, {
      results: [
        { object, action: 'already rolled back', changed: false, note: `template of revision ${target.number}` },
      ],
    });
  }
  const current = revisions.find((revision) => revision.name === set.updateRevision);
  const diff = templateDiff(current?.template, target.template);
  for (const change of diff) world.report.progress(`${change.path}: ${change.before} -> ${change.after}`);
  if (intent.dryRun !== 'client') {
    const patch = { ...target.patch, metadata: { resourceVersion: set.resourceVersion } };
    await world.kube.patch(STATEFUL_SETS, set.name, patch, {
      type: 'strategic',
      dryRun: intent.dryRun === 'server',
      signal: world.signal,
    });
  }
  const again = ordinalSet(pods.filter((pod) => pod.revision !== target.name).map((pod) => pod.ordinal));
  if (intent.dryRun === 'none')
    await recordEvent(
      world,
      set,
      'ZerolossRolledBack',
      `template of revision ${target.number} (${target.name}) put back; outdated now: ${ordinalNote(again)}`,
    );
  return outcome('rollback', facts, intent, {
    results: [
      {
        object,
        action: 'rolled back',
        changed: true,
        note: `to revision ${target.number}; ${ordinalNote(again)} outdated now`,
      },
    ],
    details: { toRevision: target.number, revision: target.name, diff, outdated: again },
    next: again.length === 0 ? [] : [facts.drainSet.length === 0 ? `advance ${set.name}` : `wait-zero ${set.name}`],
  });
}
