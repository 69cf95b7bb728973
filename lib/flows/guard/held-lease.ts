/** A lease while it is held: it is renewed, writes are let through only as long as it lasts, and at the end it is given back. */

import { ConflictError, StatusError } from '../../core/errors.ts';
import { text } from '../../core/values/read.ts';
import { formatTime } from '../../core/values/time.ts';
import { TRY_AGAIN } from '../../core/values/way.ts';
import { overriding } from '../../ports/overriding.ts';
import { LEASES } from '../../ports/resources.ts';
import type { Kube, KubeObject, World } from '../../ports.ts';
import { DURATION_SECONDS, shownHolder } from './lease-state.ts';
import { serverNowMs } from './server-time.ts';

export const DURATION_MS = DURATION_SECONDS * 1000;
const RENEW_MS = 20_000;
/** Less than a verb that ran out of time is given to end well (time-limit.ts): what it says of its own end must still be heard. */
const RELEASE_MS = 1_000;

export interface HeldLease {
  world: World;
  name: string;
  identity: string;
  /** Until then no other operator may take it; by this machine's clock. */
  untilMs: number;
  /** The renewal that is on its way: writes at the same time wait for one. */
  renewing?: Promise<void> | undefined;
}

/** Resolves with an error when the lease is lost; rejects on abort. Retries a failed renewal until the lease would have expired. */
export async function keepRenewing(held: HeldLease, signal: AbortSignal): Promise<Error> {
  const { clock } = held.world;
  for (;;) {
    await clock.sleep(RENEW_MS, signal);
    try {
      await renew(held, signal);
    } catch (error) {
      if (signal.aborted) throw error;
      if (error instanceof ConflictError) return error;
      if (clock.now() >= held.untilMs)
        return new ConflictError('the lease could not be renewed; this command stops here', TRY_AGAIN, error);
    }
  }
}

/** Throws ConflictError when another operator holds the lease now, or no one does. */
async function renew(held: HeldLease, signal: AbortSignal): Promise<void> {
  const { world, name, identity } = held;
  const lease = await findLease(world, name, signal);
  const holder = lease && text(lease, 'spec', 'holderIdentity');
  if (lease === undefined || holder !== identity)
    throw new ConflictError(
      `the lease was taken over by ${holder === undefined ? 'another operator' : shownHolder(holder)}; this command stops here`,
    );
  const { resourceVersion } = lease.metadata;
  const untilMs = world.clock.now() + DURATION_MS;
  const patch = { metadata: { resourceVersion }, spec: { renewTime: microTime(world) } };
  await world.kube.patch(LEASES, name, patch, { type: 'merge', signal });
  held.untilMs = untilMs;
}

/** Writes only while the lease is held. A machine that slept past its end renews it before it writes, not at the next renewal. */
export function fenced(held: HeldLease, signal: AbortSignal): Kube {
  const { kube, clock } = held.world;
  const inTime = async (): Promise<void> => {
    if (clock.now() < held.untilMs) return;
    held.renewing ??= renew(held, signal).finally(() => {
      held.renewing = undefined;
    });
    try {
      await held.renewing;
    } catch (error) {
      // The caller must not take this error for the answer to its write.
      if (!(error instanceof StatusError)) throw error;
      throw new ConflictError('the lease could not be renewed; nothing more was written', TRY_AGAIN, error);
    }
  };
  return overriding(kube, {
    create: (...call) => inTime().then(() => kube.create(...call)),
    patch: (...call) => inTime().then(() => kube.patch(...call)),
    delete: (...call) => inTime().then(() => kube.delete(...call)),
  });
}

/** By the API server's clock: machines whose clocks differ read each other's leases. */
export const microTime = (world: World): string => formatTime(serverNowMs(world)).replace('Z', '000Z');

/** Gives the lease back by name of its holder; when that fails, it runs out by itself. */
export async function release(world: World, name: string, identity: string): Promise<void> {
  try {
    // The command is over, also for a server that hangs.
    const signal = AbortSignal.timeout(RELEASE_MS);
    const lease = await world.kube.get(LEASES, name, { signal });
    if (text(lease, 'spec', 'holderIdentity') !== identity) return;
    const patch = {
      metadata: { resourceVersion: lease.metadata.resourceVersion },
      spec: { holderIdentity: null, acquireTime: null, renewTime: null },
    };
    await world.kube.patch(LEASES, name, patch, { type: 'merge', signal });
  } catch (error) {
    world.report.trace(
      2,
      `the lease ${name} was not given back: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

/** Undefined: there is none. */
export async function findLease(world: World, name: string, signal = world.signal): Promise<KubeObject | undefined> {
  try {
    return await world.kube.get(LEASES, name, { signal });
  } catch (error) {
    if (error instanceof StatusError && error.httpStatus === 404) return undefined;
    throw error;
  }
}
