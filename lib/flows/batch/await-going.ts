/** The end of an upgrade that all pods but some have come to: those are going, missing or starting, and belong to no batch. */

import { NotYetError } from '../../core/errors.ts';
import type { TargetIntent } from '../../core/intent/intent.ts';
import { PodsDisagreeError } from '../../core/outcome/pods-disagree.ts';
import { isAwaited } from '../../core/plan/next-step.ts';
import { goingCures, isOverdue } from '../../core/target/going.ts';
import { intersection } from '../../core/target/ordinals.ts';
import { notReadyBecause, type PodFacts, podAt } from '../../core/target/pod.ts';
import { ordinalsOf } from '../../core/target/stateful-set-facts.ts';
import { kubectl, lines } from '../../core/values/command.ts';
import { way } from '../../core/values/way.ts';
import type { World } from '../../ports.ts';
import { deadlineOf } from '../guard/deadline.ts';
import { serverNowMs } from '../guard/server-time.ts';
import { waitUntil } from '../guard/wait-until.ts';
import { describeGoing } from '../target/describe-going.ts';
import { gather } from '../target/gather.ts';

/**
 * Resolves once each of them is there and ready, or will not start by waiting. Throws DisagreesError (exit 7) for pods that do not go, at
 * once, with what a person can do; NotYetError at the time-out.
 */
export async function awaitGoing(world: World, intent: TargetIntent, ordinals: readonly number[]): Promise<void> {
  await waitUntil(world, {
    deadlineMs: deadlineOf(world, intent),
    paceMs: 500,
    look: async () => {
      const { set, pods } = await gather(world, intent);
      const podOf = (ordinal: number) => podAt(pods, ordinal);
      const left = intersection(ordinals, ordinalsOf(set)).filter((ordinal) => isAwaited(podOf(ordinal)));
      if (left.length === 0) return { done: undefined };
      const going = pods.filter((pod) => pod.terminating && left.includes(pod.ordinal));
      const texts = await describeGoing(world, going);
      const text = left.map((ordinal) => awaitedText(`${set.name}-${ordinal}`, podOf(ordinal), texts)).join('; ');
      const cures = lines(
        ...going.slice(0, 1).flatMap(goingCures),
        ...(going.length < left.length
          ? [kubectl('describe', 'statefulset', set.name).note('its events say why a pod is missing')]
          : []),
        way('on', 'the same command goes on once it is back'),
      );
      if (going.length > 0 && going.every((pod) => isOverdue(pod, serverNowMs(world))))
        throw new PodsDisagreeError(`no other pod can go on; ${text}`, cures);
      return { waiting: `waiting: ${text}`, timeOut: () => new NotYetError(text, cures) };
    },
  });
}

const awaitedText = (name: string, pod: PodFacts | undefined, going: ReadonlyMap<string, string>): string =>
  going.get(name) ?? `${name} ${pod === undefined ? 'does not exist' : (notReadyBecause(pod) ?? 'is terminating')}`;
