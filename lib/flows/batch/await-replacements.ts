/** Waits until deleted pods are back: other UIDs, update revision, ready, every readiness gate met. */

import { ConflictError, NotYetError } from '../../core/errors.ts';
import type { Facts } from '../../core/facts/facts.ts';
import type { TargetIntent } from '../../core/intent/intent.ts';
import { PodsDisagreeError } from '../../core/outcome/pods-disagree.ts';
import { goingCures, isOverdue } from '../../core/target/going.ts';
import { intersection } from '../../core/target/ordinals.ts';
import {
  isOutdated,
  type MissingPod,
  missingText,
  notServingBecause,
  type PodFacts,
  podAt,
  podsAt,
} from '../../core/target/pod.ts';
import { ordinalsOf } from '../../core/target/stateful-set-facts.ts';
import { advice, kubectl, lines, own } from '../../core/values/command.ts';
import { toGoBack, way } from '../../core/values/way.ts';
import type { World } from '../../ports.ts';
import { serverNowMs } from '../guard/server-time.ts';
import { waitUntil } from '../guard/wait-until.ts';
import { describeGoing } from '../target/describe-going.ts';
import { findWayBack } from '../target/find-way-back.ts';
import { gather } from '../target/gather.ts';

/**
 * `gone`: UIDs that were deleted. status.readyReplicas is not asked: it stays full while a deleted pod terminates.
 * An ordinal that is scaled away meanwhile is waited for no longer. Throws ConflictError for a StatefulSet that was made anew,
 * DisagreesError (exit 7) for a replacement that is stuck or of a wrong revision, NotYetError (exit 6) at the time-out.
 */
export function awaitReplacements(
  world: World,
  intent: TargetIntent,
  ordinals: readonly number[],
  gone: readonly string[],
  deadlineMs: number,
): Promise<Facts> {
  let uid: string | undefined;
  return waitUntil(world, {
    deadlineMs,
    paceMs: 500,
    look: async () => {
      const facts = await gather(world, intent);
      uid ??= facts.set.uid;
      if (uid !== facts.set.uid) throw madeAnew(facts);
      // One that was scaled away meanwhile does not come back.
      const awaited = intersection(ordinals, ordinalsOf(facts.set));
      const open = awaited.flatMap((ordinal) => openBecause(facts, ordinal, gone));
      if (open.length === 0) return { done: facts };
      await rejectStuck(world, facts, ordinals, gone);
      await rejectOverdue(world, facts, ordinals);
      const missing = missingText(open);
      return {
        waiting: `waiting: ${missing}`,
        timeOut: () =>
          new NotYetError(
            `not ready yet: ${missing}`,
            way('on', 'the same command goes on waiting, and deletes nothing again'),
          ),
      };
    },
  });
}

const madeAnew = ({ set }: Facts): ConflictError =>
  new ConflictError(
    `statefulset/${set.name} was deleted and created again by another writer while its pods were replaced`,
    own('status', set.name).note('shows the present state'),
  );

/** Ends the wait once all that is waited for are pods that do not go: no later look would find them gone. */
async function rejectOverdue(world: World, { set, pods }: Facts, ordinals: readonly number[]): Promise<void> {
  const nowMs = serverNowMs(world);
  const open = ordinals.filter((ordinal) => {
    const pod = podAt(pods, ordinal);
    return notServingBecause(pod, set) !== undefined && !(pod !== undefined && isOverdue(pod, nowMs));
  });
  const overdue = podsAt(pods, ordinals).filter((pod) => isOverdue(pod, nowMs));
  if (open.length > 0 || overdue.length === 0) return;
  const texts = await describeGoing(world, overdue);
  throw new PodsDisagreeError(
    overdue.map(({ name }) => texts.get(name)).join('; '),
    lines(...overdue.slice(0, 1).flatMap(goingCures), advice`the others go on without it: ${own('advance', set.name)}`),
  );
}

async function rejectStuck(
  world: World,
  facts: Facts,
  ordinals: readonly number[],
  gone: readonly string[],
): Promise<void> {
  const stuck = facts.pods
    .filter((pod) => ordinals.includes(pod.ordinal) && !gone.includes(pod.uid))
    .flatMap((pod) => stuckBecause(pod, facts) ?? []);
  if (stuck.length === 0) return;
  const back = await findWayBack(world, facts);
  throw new PodsDisagreeError(
    stuck.map(({ because }) => because).join('; '),
    lines(
      'the drained ordinals get no traffic meanwhile',
      kubectl('describe', 'pod', ...stuck.map(({ name }) => name)).note('shows why; so may kubectl logs'),
      ...(back === undefined ? [] : [toGoBack(advice`${back.command} && ${own('recreate', facts.set.name)}`)]),
    ),
  );
}

function openBecause(facts: Facts, ordinal: number, gone: readonly string[]): MissingPod[] {
  const name = `${facts.set.name}-${ordinal}`;
  const pod = podAt(facts.pods, ordinal);
  if (pod !== undefined && gone.includes(pod.uid)) return [{ name, because: 'is terminating' }];
  const because = notServingBecause(pod, facts.set);
  return because === undefined ? [] : [{ name, because }];
}

function stuckBecause(pod: PodFacts, { set }: Facts): { name: string; because: string } | undefined {
  const { name, revision, stuck } = pod;
  if (pod.terminating) return undefined;
  if (pod.leaves)
    return { name, because: `pod/${name} is on node ${pod.node}, which is to be emptied: is it cordoned?` };
  if (isOutdated(pod, set))
    return { name, because: `pod/${name} came back at revision ${revision}, not at ${set.updateRevision}` };
  return stuck === undefined ? undefined : { name, because: `pod/${name} does not start: ${stuck}` };
}
