import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ConflictError, OtherOperatorError } from '../../../lib/core/errors.ts';
import { withLease } from '../../../lib/flows/guard/lease.ts';
import { LEASES, SERVICES } from '../../../lib/ports/resources.ts';
import type { World } from '../../../lib/ports.ts';
import { rehearse } from '../rehearsal/rehearsal.ts';

const NAME = 'kubectl-zeroloss-nginx';
const intent = { name: 'nginx', dryRun: 'none' as const };
const leaseHolder = { identity: 'one@desk/1', isGone: () => false };
const conflict = (pattern: RegExp) => (error: unknown) => error instanceof ConflictError && pattern.test(error.message);

/** A world whose clock can be put forward while no timer runs, as a machine that sleeps does. */
function sleeper() {
  const rehearsal = rehearse();
  const { clock, kube } = rehearsal;
  let aheadMs = 0;
  const world: World = {
    ...rehearsal.world,
    leaseHolder,
    clock: { now: () => clock.now() + aheadMs, sleep: clock.sleep.bind(clock) },
  };
  const write = ({ kube }: World) =>
    kube.patch(SERVICES, 'nginx', { metadata: { labels: { written: 'yes' } } }, { type: 'merge' });
  const isWritten = () => kube.object(SERVICES, 'nginx')?.metadata.labels?.['written'] === 'yes';
  const fallAsleep = () => {
    aheadMs += 600_000;
  };
  return { kube, world, write, isWritten, fallAsleep };
}

it('--take-over while the holder still renews it says from when it works', async () => {
  const { kube, world, clock } = rehearse();
  const renewTime = new Date(clock.now() - 3_000).toISOString().replace('Z', '000Z');
  kube.put({
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: NAME },
    spec: { holderIdentity: 'two@laptop/7', leaseDurationSeconds: 60, acquireTime: renewTime, renewTime },
  });
  await assert.rejects(
    withLease({ ...world, leaseHolder }, { ...intent, takeOver: true }, 'recreate', () => assert.fail('it ran')),
    (error: unknown) =>
      error instanceof OtherOperatorError &&
      /^--take-over takes the lease once its holder has not renewed it, in 57s at the earliest/.test(error.hint ?? ''),
  );
});

describe('the lease', () => {
  it('of a colleague is alive, however far ahead this machine’s clock is', async () => {
    const { kube, clock, world } = rehearse();
    const aheadMs = 120_000;
    const renewTime = new Date(clock.now()).toISOString().replace('Z', '000Z');
    kube.put({
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: NAME },
      spec: { holderIdentity: 'two@laptop/7', leaseDurationSeconds: 60, acquireTime: renewTime, renewTime },
    });
    Object.assign(world.kube, { clockAheadMs: () => aheadMs });
    const skewed = {
      ...world,
      leaseHolder,
      clock: { now: () => clock.now() + aheadMs, sleep: clock.sleep.bind(clock) },
    };
    for (const takeOver of [false, true])
      await assert.rejects(
        withLease(skewed, { ...intent, takeOver }, 'recreate', () => assert.fail('it ran')),
        conflict(/two@laptop\/7 runs a command on statefulset\/nginx, begun .* ago$/),
      );
  });
  it('is renewed before a write that comes after a sleep past its end', async () => {
    const { kube, world, write, isWritten, fallAsleep } = sleeper();
    await withLease(world, intent, 'recreate', async (held) => {
      const before = kube.object(LEASES, NAME)?.['spec'];
      fallAsleep();
      await Promise.all([write(held), write(held)]);
      assert.notDeepEqual(kube.object(LEASES, NAME)?.['spec'], before);
    });
    assert.equal(isWritten(), true);
  });
  it('that another operator took during a sleep stops the next write', async () => {
    const { kube, world, write, isWritten, fallAsleep } = sleeper();
    const work = withLease(world, intent, 'recreate', async (held) => {
      fallAsleep();
      kube.edit(LEASES, NAME, (lease) => {
        lease['spec'] = { ...(lease['spec'] as object), holderIdentity: 'two@laptop/7#boot' };
      });
      await write(held);
    });
    await assert.rejects(work, conflict(/taken over by two@laptop\/7; this command stops here/));
    assert.equal(isWritten(), false);
  });
  it('that was deleted stops the command at the next renewal', async () => {
    const { kube, world } = sleeper();
    const work = withLease(world, intent, 'recreate', async ({ clock, signal }) => {
      kube.remove(LEASES, NAME);
      await clock.sleep(21_000, signal);
      await clock.sleep(1_000, signal);
      assert.fail('it went on');
    });
    await assert.rejects(work, conflict(/taken over by another operator; this command stops here/));
  });
});
