/** The load balancer has to bind a new pod and to finish its first checks before it can be asked whether the pod is well. */

import { type PodBinding, where } from '../../core/facts/backends.ts';
import type { TargetIntent } from '../../core/intent/intent.ts';
import type { World } from '../../ports.ts';
import { waitUntil } from '../guard/wait-until.ts';
import { gather } from './gather.ts';
import { observe } from './observe.ts';

/** Without a readiness gate a pod is ready before the service-controller binds it. Where there is no listener, none comes by waiting. */
const isUnbound = ({ pod, listener, bindings }: PodBinding): boolean =>
  pod.ready && listener !== undefined && bindings.length === 0;

/** Whether the load balancer has not bound the ready pod here, or has not finished its first checks. */
export const isEarly = (binding: PodBinding): boolean =>
  isUnbound(binding) || binding.bindings.some(({ health }) => health === 'probing');

/**
 * Resolves to whether it has waited, once every ready pod of these ordinals is bound and none is probed for the first time any
 * longer, whatever came of it, or at the deadline. Where a readiness gate holds a pod unready for as long, there is nothing to
 * wait for.
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
      const open = bindings.filter((binding) => ordinals.includes(binding.pod.ordinal) && isEarly(binding));
      if (open.length === 0 || world.clock.now() >= deadlineMs) return { done: hasWaited };
      hasWaited = true;
      const missing = open
        .map((binding) => `${binding.pod.name} is ${isUnbound(binding) ? 'not bound' : 'probing'} at ${where(binding)}`)
        .join('; ');
      return {
        waiting: `waiting for the load balancer's first checks: ${missing}`,
        timeOut: () => new RangeError('a wait without a deadline'),
      };
    },
  });
}
