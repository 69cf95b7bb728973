import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RefusedError } from '../../../../lib/core/errors.ts';
import { withLease } from '../../../../lib/flows/guard/lease.ts';
import { drain } from '../../../../lib/flows/verbs/drain.ts';
import { pause, resume } from '../../../../lib/flows/verbs/pause.ts';
import { restore } from '../../../../lib/flows/verbs/restore.ts';
import { status } from '../../../../lib/flows/verbs/status.ts';
import { surge } from '../../../../lib/flows/verbs/surge.ts';
import { waitZero } from '../../../../lib/flows/verbs/wait-zero.ts';
import { overriding } from '../../../../lib/ports/overriding.ts';
import { PODS, STATEFUL_SETS } from '../../../../lib/ports/resources.ts';
import { pod } from '../../../builders.ts';
import { annotation, common, type Rehearsal, rehearse, zero } from '../../rehearsal/rehearsal.ts';

const next = async ({ world }: Rehearsal) => (await status(world, { ...common, cloud: false })).next.map(String);

describe('the next command that status names', () => {
  it('follows the batch: zero, the replacements until they are ready, the next batch', async () => {
    const rehearsal = rehearse();
    assert.deepEqual(await next(rehearsal), ['kubectl zeroloss upgrade nginx']);
    await drain(rehearsal.world, { ...common, ordinals: [0] });
    assert.deepEqual(await next(rehearsal), ['kubectl zeroloss wait-zero nginx']);
    const set = rehearsal.kube.object(STATEFUL_SETS, 'nginx') ?? assert.fail();
    const { updateRevision: revision } = set['status'] as { updateRevision: string };
    rehearsal.kube.remove(PODS, 'nginx-0');
    assert.deepEqual(await next(rehearsal), ['kubectl zeroloss recreate nginx'], 'deleted, and not back yet');
    rehearsal.kube.put(pod({ statefulSet: set, ordinal: 0, revision, ready: false, phase: 'Pending' }));
    assert.deepEqual(await next(rehearsal), ['kubectl zeroloss recreate nginx'], 'it is not ready yet');
    const stuck = pod({ statefulSet: set, ordinal: 0, revision, ready: false });
    stuck['status'] = {
      ...Object(stuck['status']),
      containerStatuses: [
        { name: 'nginx', ready: false, restartCount: 4, state: { waiting: { reason: 'CrashLoopBackOff' } } },
      ],
    };
    rehearsal.kube.put(stuck);
    assert.deepEqual(
      await next(rehearsal),
      [
        'kubectl describe pod nginx-0   # shows why it does not start',
        'kubectl zeroloss rollback nginx   # the way back',
      ],
      'no wait gets it to start',
    );
    rehearsal.kube.put(pod({ statefulSet: set, ordinal: 0, revision }));
    assert.deepEqual(await next(rehearsal), ['kubectl zeroloss advance nginx']);
  });

  it('is what gives the weight of 0 back where a drained pod was scaled away, and a note names the pod', async () => {
    const rehearsal = rehearse({ settled: true });
    await drain(rehearsal.world, { ...common, ordinals: [8, 9] });
    const scaleTo = (replicas: number) =>
      rehearsal.kube.edit(STATEFUL_SETS, 'nginx', (object) => {
        Object.assign(object['spec'] as object, { replicas });
        Object.assign(object['status'] as object, { observedGeneration: 99 });
      });
    scaleTo(9);
    rehearsal.kube.remove(PODS, 'nginx-9');
    const seen = await status(rehearsal.world, { ...common, cloud: false });
    assert.match(
      seen.details.notes.map(String).join('\n'),
      /drained ordinal 9 of statefulset\/nginx no longer exists: .*: kubectl zeroloss restore nginx 9$/m,
    );
    scaleTo(8);
    rehearsal.kube.remove(PODS, 'nginx-8');
    assert.deepEqual(await next(rehearsal), ['kubectl zeroloss restore nginx 8,9']);
    const { exitCode, results } = await restore(rehearsal.world, {
      ...{ ...common, ...zero },
      ...{ ordinals: [8, 9], weightsOnly: false },
    });
    assert.deepEqual([exitCode, await next(rehearsal)], [0, []], 'the command does it');
    assert.equal(results[0]?.note, 'ordinals 8,9 (scaled away) on TCP/80', 'and names no surge, for there was none');
    assert.doesNotMatch(annotation(rehearsal) ?? '', /"weight":0/);
  });

  it('is the same where a wait for zero ends with pods that are updated already, and nothing is left to recreate', async () => {
    const rehearsal = rehearse({ updated: [3, 5] });
    await drain(rehearsal.world, { ...common, ordinals: [3, 5] });
    const waited = await waitZero(rehearsal.world, { ...common, ...zero, timeoutMs: 600_000 });
    assert.deepEqual(waited.next.map(String), ['kubectl zeroloss advance nginx']);
    assert.deepEqual(await next(rehearsal), waited.next.map(String));
  });

  it('of a surge that finds drained pods is the wait for them, and no second drain', async () => {
    const rehearsal = rehearse();
    await drain(rehearsal.world, { ...common, ordinals: [0] });
    const surged = await surge(rehearsal.world, { ...common, count: 1, dark: false });
    assert.deepEqual(surged.next.map(String), ['kubectl zeroloss wait-zero nginx']);
  });

  it('is none while an upgrade is paused or another run is on: it would be refused', async () => {
    const rehearsal = rehearse();
    await pause(rehearsal.world, common);
    assert.deepEqual(await next(rehearsal), []);
    await resume(rehearsal.world, common);
    assert.deepEqual(await next(rehearsal), ['kubectl zeroloss upgrade nginx']);
    const leaseHolder = { identity: 'two@laptop/7', isGone: () => false };
    let seen: string[] | undefined;
    let later: string[] | undefined;
    await withLease({ ...rehearsal.world, leaseHolder }, common, 'upgrade', async () => {
      seen = await next(rehearsal);
      const now = rehearsal.clock.now() + 600_000;
      const dead = overriding(rehearsal.world, { clock: overriding(rehearsal.world.clock, { now: () => now }) });
      later = await next({ ...rehearsal, world: dead });
    });
    assert.deepEqual(seen, []);
    assert.deepEqual(later, ['kubectl zeroloss upgrade nginx'], 'a lease that has expired holds no one up');
    assert.deepEqual(await next(rehearsal), ['kubectl zeroloss upgrade nginx']);
  });

  it('is the drain of a surplus that has traffic, when no pod is outdated: restore would keep it', async () => {
    const rehearsal = rehearse({ settled: true, replicas: 4 });
    const { next: after } = await surge(rehearsal.world, { ...common, count: 2, dark: false });
    assert.deepEqual(after.map(String), ['kubectl zeroloss plan nginx'], 'no image is set yet');
    assert.deepEqual(await next(rehearsal), ['kubectl zeroloss drain nginx 4,5']);
    await drain(rehearsal.world, { ...common, ordinals: [4, 5] });
    assert.deepEqual(await next(rehearsal), ['kubectl zeroloss wait-zero nginx'], 'it may have a connection');
  });

  it('shows, of the highest pods drained without an upgrade, that one way gives them weight and the other scales them away', async () => {
    const rehearsal = rehearse({ settled: true, replicas: 6 });
    await drain(rehearsal.world, { ...common, ordinals: [4, 5] });
    assert.deepEqual(await next(rehearsal), [
      'kubectl zeroloss advance nginx   # gives ordinals 4,5 weight back',
      'kubectl zeroloss scale nginx 4   # or takes ordinals 4,5 away at zero, where a scale-in was stopped',
    ]);
  });

  it('needs nothing filled in: surge and a wait with nothing drained name the ordinals that come first', async () => {
    const rehearsal = rehearse({ replicas: 4 });
    await assert.rejects(waitZero(rehearsal.world, { ...common, ...zero }), (error: unknown) => {
      assert.ok(error instanceof RefusedError);
      assert.equal(String(error.refusals[0]?.cure), 'kubectl zeroloss drain nginx 0');
      return true;
    });
    const { next: after } = await surge(rehearsal.world, { ...common, count: 2, dark: false });
    assert.deepEqual(after.map(String), ['kubectl zeroloss drain nginx 0,1']);
  });
});
