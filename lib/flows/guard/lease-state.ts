/** A lease as it is read: its holder, since when, and whether it has run out. A pod of a Job waits for the lease of the pod before it. */

import { NotYetError } from '../../core/errors.ts';
import { number, oneLine, text } from '../../core/values/read.ts';
import { parseTime } from '../../core/values/time.ts';
import type { KubeObject, LeaseHolder, World } from '../../ports.ts';
import { serverNowMs } from './server-time.ts';
import { waitUntil } from './wait-until.ts';

/** A holder that renews its lease every 20 s is alive; one that does not has lost it by then. */
export const DURATION_SECONDS = 60;
const PACE_MS = 2_000;
/** A pod before this one that is still alive after three times that is not ending. */
const PATIENCE_MS = 3 * DURATION_SECONDS * 1000;

export interface LeaseState {
  /** '' where no one holds it. */
  holder: string;
  sinceMs: number;
  lastMs: number;
  expired: boolean;
}

/** By the API server's clock. A lease without a readable time has not expired. */
export function leaseState(world: World, lease: KubeObject): LeaseState {
  const lastMs = parseTime(text(lease, 'spec', 'renewTime') ?? '');
  const endsMs = lastMs + (number(lease, 'spec', 'leaseDurationSeconds') ?? DURATION_SECONDS) * 1000;
  return {
    holder: text(lease, 'spec', 'holderIdentity') ?? '',
    sinceMs: parseTime(text(lease, 'spec', 'acquireTime') ?? ''),
    lastMs,
    expired: serverNowMs(world) > endsMs,
  };
}

/** Without the mark, which is for programs. */
export const shownHolder = (identity: string): string => oneLine(identity.replace(/#.*$/s, ''));

/**
 * Resolves with the lease once a pod of the same Job that held it has given it back or let it run out; at once where another
 * operator holds it. Throws NotYetError while that pod goes on renewing it: two pods of one Job never write in turn.
 */
export const awaitPredecessor = (
  world: World,
  me: LeaseHolder,
  find: () => Promise<KubeObject | undefined>,
): Promise<KubeObject | undefined> =>
  waitUntil(world, {
    deadlineMs: world.clock.now() + PATIENCE_MS,
    paceMs: PACE_MS,
    look: async () => {
      const lease = await find();
      const state = lease === undefined ? undefined : leaseState(world, lease);
      if (state === undefined || state.expired || state.holder === me.identity || me.follows?.(state.holder) !== true)
        return { done: lease };
      const who = `${shownHolder(state.holder)}, a pod of the same Job, holds the lease`;
      return {
        waiting: `waiting: ${who} until it has run out`,
        timeOut: () => new NotYetError(`${who} and goes on renewing it`, 'wait until that pod has ended'),
      };
    },
  });
