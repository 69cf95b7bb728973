/** The operator's own gates, asked at every look of the window at which batches would ask them too. */

import { isOutdated } from '../../core/target/pod.ts';
import type { WindowActions } from '../../core/window/actions.ts';
import { stop, stopFor } from './stop-window.ts';
import type { WindowSight } from './window-sights.ts';
import type { WindowState } from './window-state.ts';

/**
 * Asks while any pod soaks, and before any drain once a pod is updated. A gate that has failed once stays failed for this run:
 * nothing is drained from then on, as no batch is begun. One that cannot be asked does not hold either.
 */
export async function askGates(window: WindowState, sight: WindowSight, { drain, ask }: WindowActions): Promise<void> {
  const { world, intent } = window.run;
  const { facts, seen } = sight;
  const begins = drain.length + ask.length > 0 && facts.pods.some((pod) => !isOutdated(pod, facts.set));
  if (window.stopped !== undefined || !(begins || seen.some(({ place }) => place === 'soaking'))) return;
  for (const gate of world.gates ?? []) {
    try {
      const because = await gate.failsBecause(world.signal);
      if (because !== undefined)
        return stop(window, sight, `gate ${gate.name} failed over statefulset/${intent.name}: ${because}`);
    } catch (error) {
      return stopFor(window, sight, error);
    }
  }
}
