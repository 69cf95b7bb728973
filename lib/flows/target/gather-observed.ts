/** Facts in which "outdated" can be judged: the controller has seen the newest template. */

import { NotYetError } from '../../core/errors.ts';
import type { Facts } from '../../core/facts/facts.ts';
import type { TargetIntent } from '../../core/intent/intent.ts';
import { kubectl, lines } from '../../core/values/command.ts';
import { TRY_AGAIN } from '../../core/values/way.ts';
import type { World } from '../../ports.ts';
import { waitUntil } from '../guard/wait-until.ts';
import { gather } from './gather.ts';

/** Before status.observedGeneration catches up, updateRevision is yesterday's. Throws NotYetError (exit 6) at the deadline. */
export function gatherObserved(world: World, intent: TargetIntent, deadlineMs: number): Promise<Facts> {
  return waitUntil(world, {
    deadlineMs,
    paceMs: 500,
    look: async () => {
      const facts = await gather(world, intent);
      if (facts.set.observed && facts.set.updateRevision !== '') return { done: facts };
      const because = `the controller has not yet seen the newest spec of statefulset/${facts.set.name}`;
      return {
        waiting: `waiting: ${because}`,
        timeOut: () =>
          new NotYetError(
            because,
            lines(
              TRY_AGAIN,
              kubectl('describe', 'statefulset', facts.set.name).note('its events show what the controller cannot do'),
            ),
          ),
      };
    },
  });
}
