/** The load balancer has to finish its first checks before it can be asked whether a pod is well: until then it says "probing". */

import { type PodBinding, where } from '../../core/facts/backends.ts';
import type { TargetIntent } from '../../core/intent/intent.ts';
import type { World } from '../../ports.ts';
import { waitUntil } from '../guard/wait-until.ts';
import { gather } from './gather.ts';
import { observe } from './observe.ts';

/** Whether the load balancer has not finished its first checks here. */
export const isProbed = ({ bindings }: PodBinding): boolean => bindings.some(({ health }) => health === 'probing');

/**
 * Resolves to whether it has waited, once no binding of these ordinals is probed for the first time any longer, whatever came of it, or at the deadline.
 * Where a readiness gate holds a pod unready for as long, there is nothing to wait for.
 */
export function awaitProbed(
  world: World,
  intent: TargetIntent,
  ordinals: readonly number[],
  deadlineMs: number,
): Promise<boolean> {
  let hasWaited = false;
  return waitUntil(world, {
    deadlineMs: Number.POSITIVE_INFINITY,
    paceMs: () => Math.min(1_000, deadlineMs - world.clock.now()),
    look: async () => {
      const { bindings } = await observe(world, await gather(world, intent));
      const open = bindings.filter((binding) => ordinals.includes(binding.pod.ordinal) && isProbed(binding));
      if (open.length === 0 || world.clock.now() >= deadlineMs) return { done: hasWaited };
      hasWaited = true;
      const missing = open.map((binding) => `${binding.pod.name} is probing at ${where(binding)}`).join('; ');
      return {
        waiting: `waiting for the first health checks: ${missing}`,
        timeOut: () => new RangeError('a wait without a deadline'),
      };
    },
  });
}
