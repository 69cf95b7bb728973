/** One operator at a time: long verbs hold a Lease named after the StatefulSet, and renew it while they run. */

import { ConflictError, OtherOperatorError, StatusError } from '../../core/errors.ts';
import { agoText, formatDuration } from '../../core/values/duration.ts';
import { TRY_AGAIN, way } from '../../core/values/way.ts';
import { LEASES } from '../../ports/resources.ts';
import type { KubeObject, World } from '../../ports.ts';
import { DURATION_MS, fenced, findLease, type HeldLease, keepRenewing, microTime, release } from './held-lease.ts';
import { awaitPredecessor, DURATION_SECONDS, leaseState, shownHolder } from './lease-state.ts';
import { serverNowMs } from './server-time.ts';

/** How long work that was asked to stop may take to end. */
const LEAVE_MS = 500;

export interface LeaseIntent {
  name: string;
  dryRun: 'none' | 'client' | 'server';
  takeOver?: boolean;
}

/**
 * Runs `work` while holding the lease. Throws ConflictError (exit 5) when another operator holds it, saying who, where
 * from and since when. A lease whose holder is gone from this very machine is taken without a question; that of an earlier pod
 * of the same Job once it has run out.
 * Inside work that already holds it, or on a dry run, nothing is taken.
 */
export async function withLease<T>(
  world: World,
  intent: LeaseIntent,
  verb: string,
  work: (world: World) => Promise<T>,
): Promise<T> {
  const holder = world.leaseHolder;
  if (holder === undefined || intent.dryRun !== 'none') return work(world);
  const name = `kubectl-zeroloss-${intent.name}`;
  if (holder.follows !== undefined) await awaitPredecessor(world, holder, () => findAllowed(world, name));
  // Of before the request: it may be tried again for a while, and the time in it does not change.
  const untilMs = world.clock.now() + DURATION_MS;
  if (!(await acquire(world, intent, name, verb))) return work(world);
  const stop = new AbortController();
  const signal = AbortSignal.any([world.signal, stop.signal]);
  const held: HeldLease = { world, name, identity: holder.identity, untilMs };
  const renewing = keepRenewing(held, signal);
  // A verb that loses its lease stops: two operators must never write in turn.
  const { leaseHolder: _held, ...inner } = world;
  // When the command is asked to stop, the work knows what it was at, and has a moment to say so.
  const lost = renewing.then(
    (because) => Promise.reject(because),
    (error) => leave(error),
  );
  lost.catch(() => undefined);
  try {
    return await Promise.race([work({ ...inner, signal, kube: fenced(held, signal) }), lost]);
  } finally {
    stop.abort(new Error('the lease is given back'));
    await renewing.catch(() => undefined);
    await release(world, name, holder.identity);
  }
}

/** Rejects after a moment, by this machine's timers: for work that does not heed the signal. */
const leave = (error: unknown): Promise<never> =>
  new Promise((_, reject) => {
    AbortSignal.timeout(LEAVE_MS).addEventListener('abort', () => reject(error), { once: true });
  });

/** False, with a warning, when the operator may not use leases (403): the verb goes on without one. */
async function acquire(world: World, intent: LeaseIntent, name: string, verb: string): Promise<boolean> {
  const holder = world.leaseHolder;
  if (holder === undefined) return false;
  try {
    const found = await findLease(world, name);
    const now = microTime(world);
    const spec = {
      holderIdentity: holder.identity,
      leaseDurationSeconds: DURATION_SECONDS,
      acquireTime: now,
      renewTime: now,
    };
    const annotations = { 'kubectl-zeroloss/verb': verb };
    if (found === undefined) {
      await world.kube.create(
        LEASES,
        { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name, annotations }, spec },
        { signal: world.signal },
      );
      return true;
    }
    refuseHeld(world, intent, found, holder);
    const patch = { metadata: { resourceVersion: found.metadata.resourceVersion, annotations }, spec };
    await world.kube.patch(LEASES, name, patch, { type: 'merge', signal: world.signal });
    return true;
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    if (error.httpStatus === 409)
      throw new ConflictError(
        `another operator took the lease of statefulset/${intent.name} at this moment`,
        TRY_AGAIN,
        error,
      );
    if (error.httpStatus !== 403) throw error;
    world.report.warn(`no lease is held: ${error.message}`);
    return false;
  }
}

/** Undefined too where the operator may not read it: the verb then goes on without one, with a warning. */
async function findAllowed(world: World, name: string): Promise<KubeObject | undefined> {
  try {
    return await findLease(world, name);
  } catch (error) {
    if (error instanceof StatusError && error.httpStatus === 403) return undefined;
    throw error;
  }
}

function refuseHeld(world: World, intent: LeaseIntent, lease: KubeObject, me: NonNullable<World['leaseHolder']>): void {
  const { holder: other, sinceMs, lastMs, expired } = leaseState(world, lease);
  if (other === '' || other === me.identity || me.isGone(other)) return;
  const verb = lease.metadata.annotations?.['kubectl-zeroloss/verb'] ?? 'a command';
  const nowMs = serverNowMs(world);
  const began = Number.isFinite(sinceMs) ? `, begun ${agoText(nowMs - sinceMs)}` : '';
  const who = `${shownHolder(other)} runs ${verb} on statefulset/${intent.name}${began}`;
  if (!expired) {
    const inTime = formatDuration(Math.max(1_000, Math.ceil((lastMs + DURATION_MS - nowMs) / 1000) * 1000));
    throw new OtherOperatorError(
      who,
      intent.takeOver === true
        ? `--take-over takes the lease once its holder has not renewed it, in ${inTime} at the earliest; ask them, or wait until it has ended`
        : 'wait until it has ended, or ask them',
    );
  }
  if (intent.takeOver === true || me.follows?.(other) === true) return;
  throw new OtherOperatorError(
    `${who}, but last renewed it ${agoText(nowMs - lastMs)}`,
    way('on', 'when that command no longer runs: the same command with --take-over'),
  );
}
