/** One operator at a time: long verbs hold a Lease named after the StatefulSet, and renew it while they run. */
import { number, text } from '../core/read.ts';
import { formatTime, parseTime } from '../core/time.ts';
import { ConflictError, StatusError } from '../errors.ts';
import type { KubeObject, World } from '../ports.ts';
import { LEASES } from '../resources.ts';

const DURATION_SECONDS = 60;
const RENEW_MS = 20_000;

export interface LeaseIntent {
  name: string;
  dryRun: 'none' | 'client' | 'server';
  takeOver?: boolean;
}

/**
 * Runs `work` while holding the lease. Throws ConflictError (exit 5) when another operator holds it, saying who, where
 * from and since when. A lease whose holder is gone from this very machine is taken without a question.
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
  if (!(await acquire(world, intent, name, verb))) return work(world);
  const stop = new AbortController();
  const signal = AbortSignal.any([world.signal, stop.signal]);
  const renewing = renew(world, name, holder.identity, signal);
  // Whoever loses the lease stops: two operators must never write in turn.
  const { leaseHolder: _held, ...inner } = world;
  const lost = renewing.then((because) => Promise.reject(because));
  lost.catch(() => undefined);
  try {
    return await Promise.race([work({ ...inner, signal }), lost]);
  } finally {
    stop.abort(new Error('the lease is given back'));
    await renewing.catch(() => undefined);
    await release(world, name, holder.identity);
  }
}

/** False when leases may not be used at all (403): said as a warning, and the verb goes on without. */
async function acquire(world: World, intent: LeaseIntent, name: string, verb: string): Promise<boolean> {
  const holder = world.leaseHolder;
  if (holder === undefined) return false;
  try {
    const now = formatTime(world.clock.now()).replace('Z', '000Z');
    const spec = {
      holderIdentity: holder.identity,
      leaseDurationSeconds: DURATION_SECONDS,
      acquireTime: now,
      renewTime: now,
    };
    const annotations = { 'kubectl-zeroloss/verb': verb };
    const found = await find(world, name);
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
        'run the same command again',
        error,
      );
    if (error.httpStatus !== 403) throw error;
    world.report.warn(`no lease is held: ${error.message}`);
    return false;
  }
}

async function find(world: World, name: string): Promise<KubeObject | undefined> {
  try {
    return await world.kube.get(LEASES, name, { signal: world.signal });
  } catch (error) {
    if (error instanceof StatusError && error.httpStatus === 404) return undefined;
    throw error;
  }
}

function refuseHeld(world: World, intent: LeaseIntent, lease: KubeObject, me: NonNullable<World['leaseHolder']>): void {
  const other = text(lease, 'spec', 'holderIdentity') ?? '';
  if (other === '' || other === me.identity || me.isGone(other)) return;
  const since = text(lease, 'spec', 'acquireTime') ?? 'an unknown time';
  const verb = lease.metadata.annotations?.['kubectl-zeroloss/verb'] ?? 'a command';
  const lastMs = parseTime(text(lease, 'spec', 'renewTime') ?? '');
  const endsMs = lastMs + (number(lease, 'spec', 'leaseDurationSeconds') ?? DURATION_SECONDS) * 1000;
  const who = `${shown(other)} runs ${verb} on statefulset/${intent.name} since ${since}`;
  if (!(world.clock.now() > endsMs))
    throw new ConflictError(`${who}; nothing was written`, 'wait until it has ended, or ask them');
  if (intent.takeOver === true) return;
  throw new ConflictError(
    `${who}, but has not been heard of for ${Math.floor((world.clock.now() - lastMs) / 1000)}s; nothing was written`,
    'when that command no longer runs: the same command with --take-over',
  );
}

/** Without the mark, which tells a person nothing. */
const shown = (identity: string): string => identity.replace(/#.*$/, '');

/** Resolves with an error when the lease is lost; ends quietly when told to stop. A failed renewal is tried again until the lease would have expired. */
async function renew(world: World, name: string, identity: string, signal: AbortSignal): Promise<Error> {
  let heldUntilMs = world.clock.now() + DURATION_SECONDS * 1000;
  for (;;) {
    await world.clock.sleep(RENEW_MS, signal);
    try {
      const lease = await world.kube.get(LEASES, name, { signal });
      const holder = text(lease, 'spec', 'holderIdentity');
      if (holder !== identity)
        return new ConflictError(
          `the lease was taken over by ${holder === undefined ? 'somebody' : shown(holder)}; this command stops here`,
        );
      const renewTime = formatTime(world.clock.now()).replace('Z', '000Z');
      await world.kube.patch(
        LEASES,
        name,
        { metadata: { resourceVersion: lease.metadata.resourceVersion }, spec: { renewTime } },
        { type: 'merge', signal },
      );
      heldUntilMs = world.clock.now() + DURATION_SECONDS * 1000;
    } catch (error) {
      if (signal.aborted) throw error;
      if (world.clock.now() >= heldUntilMs)
        return new ConflictError(
          'the lease could not be renewed; this command stops here',
          'run the same command again',
          error,
        );
    }
  }
}

/** Gives the lease back by name of its holder; when that fails, it runs out by itself. */
async function release(world: World, name: string, identity: string): Promise<void> {
  try {
    const lease = await world.kube.get(LEASES, name);
    if (text(lease, 'spec', 'holderIdentity') !== identity) return;
    const patch = {
      metadata: { resourceVersion: lease.metadata.resourceVersion },
      spec: { holderIdentity: null, acquireTime: null, renewTime: null },
    };
    await world.kube.patch(LEASES, name, patch, { type: 'merge' });
  } catch (error) {
    world.report.trace(
      2,
      `the lease ${name} was not given back: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
