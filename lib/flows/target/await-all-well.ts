/** The end of the batches by hand: nothing is left to advance to only once every pod is there, and well. */

import { NotYetError } from '../../core/errors.ts';
import { bindingsOfPod } from '../../core/facts/observation.ts';
import type { TargetIntent } from '../../core/intent/intent.ts';
import { ailments } from '../../core/safety/health-notice.ts';
import { without } from '../../core/target/ordinals.ts';
import { ordinalsOf } from '../../core/target/stateful-set-facts.ts';
import { surplusOrdinals } from '../../core/target/surplus.ts';
import { own } from '../../core/values/command.ts';
import type { World } from '../../ports.ts';
import { serverNowMs } from '../guard/server-time.ts';
import { waitUntil } from '../guard/wait-until.ts';
import { gather } from './gather.ts';
import { observe } from './observe.ts';

/**
 * Resolves once every pod but the surplus and `leftOut` is updated, ready and healthy at the load balancer. Throws NotYetError at the
 * deadline, with what is wrong on which pod.
 */
export async function awaitAllWell(
  world: World,
  intent: TargetIntent,
  leftOut: readonly number[],
  deadlineMs: number,
): Promise<void> {
  await waitUntil(world, {
    deadlineMs,
    paceMs: 2_000,
    look: async () => {
      const facts = await gather(world, intent);
      const { set } = facts;
      const observation = await observe(world, facts);
      const pods = new Map(facts.pods.map((pod) => [pod.ordinal, pod]));
      const found = without(ordinalsOf(set), [...surplusOrdinals(set), ...leftOut]).flatMap((ordinal) => {
        const pod = pods.get(ordinal);
        return ailments({
          ...{ set, pod, name: `${set.name}-${ordinal}`, nowMs: serverNowMs(world), underTraffic: false },
          bindings: pod === undefined ? [] : bindingsOfPod(observation, pod),
          restartsBefore: undefined,
          uidBefore: undefined,
        });
      });
      if (found.length === 0) return { done: undefined };
      const because = `nothing is left to advance to, and not every pod is well: ${found.join('; ')}`;
      const cure = own('status', set.name).note('shows each pod; the same command goes on');
      return { waiting: `waiting: ${found.join('; ')}`, timeOut: () => new NotYetError(because, cure) };
    },
  });
}
