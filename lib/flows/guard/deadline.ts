/** The clock time at which a verb gives up waiting; Infinity for a time-out of 0. */
import type { TargetIntent } from '../../core/intent/intent.ts';
import type { World } from '../../ports.ts';

export const deadlineOf = (world: World, intent: Pick<TargetIntent, 'timeoutMs'>): number =>
  intent.timeoutMs === 0 ? Number.POSITIVE_INFINITY : world.clock.now() + intent.timeoutMs;
