/** Facts in which "outdated" can be judged: the controller has seen the newest template. */

import { NotYetError } from '../../core/errors.ts';
import type { Facts } from '../../core/facts/facts.ts';
import type { TargetIntent } from '../../core/intent/intent.ts';
import type { World } from '../../ports.ts';
import { gather } from './gather.ts';

const POLL_MS = 500;

/** Before status.observedGeneration catches up, updateRevision is yesterday's. Throws NotYetError (exit 6) at the deadline. */
export async function gatherObserved(world: World, intent: TargetIntent, deadlineMs: number): Promise<Facts> {
  for (;;) {
    const facts = await gather(world, intent);
    if (facts.set.observed && facts.set.updateRevision !== '') return facts;
    if (world.clock.now() >= deadlineMs) {
      throw new NotYetError(
        `the controller has not yet seen the newest spec of statefulset/${facts.set.name}`,
        'nothing was changed; run the same command again',
      );
    }
    await world.clock.sleep(POLL_MS, world.signal);
  }
}
