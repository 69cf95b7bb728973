/** The end of an upgrade that all pods but some have come to: those are going, and belong to no batch. */

import { DisagreesError, NotYetError } from '../../core/errors.ts';
import type { TargetIntent } from '../../core/intent/intent.ts';
import { goingCures, isOverdue } from '../../core/target/going.ts';
import { lines } from '../../core/values/command.ts';
import { way } from '../../core/values/way.ts';
import type { World } from '../../ports.ts';
import { deadlineOf } from '../guard/deadline.ts';
import { serverNowMs } from '../guard/server-time.ts';
import { waitUntil } from '../guard/wait-until.ts';
import { describeGoing } from '../target/describe-going.ts';
import { gather } from '../target/gather.ts';

/** Resolves once they are gone. Throws DisagreesError (exit 7) for pods that do not go, at once, with what a person can do; NotYetError at the time-out. */
export async function awaitGoing(world: World, intent: TargetIntent, ordinals: readonly number[]): Promise<void> {
  await waitUntil(world, {
    deadlineMs: deadlineOf(world, intent),
    paceMs: 500,
    look: async () => {
      const { pods } = await gather(world, intent);
      const left = pods.filter((pod) => pod.terminating && ordinals.includes(pod.ordinal));
      if (left.length === 0) return { done: undefined };
      const texts = await describeGoing(world, left);
      const stuckText = left.map(({ name }) => texts.get(name) ?? name).join('; ');
      const cures = lines(
        ...left.slice(0, 1).flatMap(goingCures),
        way('on', 'the same command goes on once it is back'),
      );
      if (left.every((pod) => isOverdue(pod, serverNowMs(world))))
        throw new DisagreesError(`no other pod can go on; ${stuckText}`, cures);
      return { waiting: `waiting: ${stuckText}`, timeOut: () => new NotYetError(stuckText, cures) };
    },
  });
}
