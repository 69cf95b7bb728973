/** The steps of an upgrade, each within --timeout: every one gets the whole time anew, and no question to a person is in them. */
import type { Facts } from '../../core/facts/facts.ts';
import type { TargetIntent } from '../../core/intent/intent.ts';
import type { World } from '../../ports.ts';
import { withinLimit } from '../guard/time-limit.ts';
import { gatherObserved as gatherUnlimited } from '../target/gather-observed.ts';
import { drain as drainUnlimited } from '../verbs/drain.ts';
import { recreate as recreateUnlimited } from '../verbs/recreate.ts';
import { restore as restoreUnlimited } from '../verbs/restore.ts';
import { surge as surgeUnlimited } from '../verbs/surge.ts';
import { verify as verifyUnlimited } from '../verbs/verify.ts';
import { waitZero as waitZeroUnlimited } from '../verbs/wait-zero.ts';
import { confirmWeights as confirmUnlimited } from '../weights/confirm-weights.ts';

/** The observation time of a step is added to its time-out. */
const limitOf = ({ timeoutMs, forMs = 0 }: { timeoutMs: number; forMs?: number }): number =>
  timeoutMs === 0 ? 0 : timeoutMs + forMs;

const limited =
  <I extends TargetIntent, T, R extends unknown[]>(step: (world: World, intent: I, ...rest: R) => Promise<T>) =>
  (world: World, intent: I, ...rest: R): Promise<T> =>
    withinLimit(world, limitOf(intent), (inner) => step(inner, intent, ...rest));

export const drain = limited(drainUnlimited);
export const recreate = limited(recreateUnlimited);
export const restore = limited(restoreUnlimited);
export const surge = limited(surgeUnlimited);
export const verify = limited(verifyUnlimited);
export const waitZero = limited(waitZeroUnlimited);

export const gatherObserved = (world: World, intent: TargetIntent, deadlineMs: number): Promise<Facts> =>
  withinLimit(world, limitOf(intent), (inner) => gatherUnlimited(inner, intent, deadlineMs));

export const confirmWeights = (
  world: World,
  intent: Parameters<typeof confirmUnlimited>[1],
  ordinals: readonly number[],
  deadlineMs: number,
): ReturnType<typeof confirmUnlimited> =>
  withinLimit(world, limitOf(intent), (inner) => confirmUnlimited(inner, intent, ordinals, deadlineMs));
