/** wait-zero --any and recreate --at-zero: each pod at its own pace. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NotYetError, RefusedError } from '../../../lib/core/errors.ts';
import type { RecreateIntent, WaitZeroIntent } from '../../../lib/core/intent/intent.ts';
import { drain } from '../../../lib/flows/verbs/drain.ts';
import { recreate } from '../../../lib/flows/verbs/recreate.ts';
import { waitZero } from '../../../lib/flows/verbs/wait-zero.ts';
import { PODS } from '../../../lib/ports/resources.ts';

import { common, deletions, podUids, type RehearsalOptions, rehearse, zero } from '../rehearsal/rehearsal.ts';

const counting = { ...common, ...zero };
const MINUTE = 60_000;

/** Ordinals 0 to 2 drained; pod 1 has a connection for an hour, pod 2 for `endsMs`. */
async function drained(endsMs: number, options: RehearsalOptions = {}) {
  const rehearsal = rehearse({ replicas: 6, ...options });
  const { clock, source, world } = rehearsal;
  const until = (ms: number) => (nowMs: number) => (nowMs - clock.startMs < ms ? 2 : 0);
  source.counts.set('nginx-1', until(60 * MINUTE));
  source.counts.set('nginx-2', until(endsMs));
  await drain(world, { ...common, ordinals: [0, 1, 2], minServing: { kind: 'count', count: 3 } });
  const wait = (more: Partial<WaitZeroIntent> = {}) => waitZero(world, { ...counting, any: true, ...more });
  const renew = (more: Partial<RecreateIntent> = {}) =>
    recreate(world, { ...counting, evict: false, force: false, atZero: true, ...more });
  return { ...rehearsal, wait, renew };
}
type Drained = Awaited<ReturnType<typeof drained>>;

describe('wait-zero --any', () => {
  it('ends with the first pod at zero, and names those that are and those that are not', async () => {
    const { wait, clock } = await drained(MINUTE);
    const { results, details, message, exitCode } = await wait();
    assert.equal(exitCode, 0);
    assert.deepEqual(
      results.map(({ object, action }) => [object, action]),
      [['pod/nginx-0', 'at zero']],
    );
    assert.deepEqual((details as { atZero: number[] }).atZero, [0]);
    assert.deepEqual((details as { left: number[] }).left, [1, 2]);
    assert.match(String(message), /not at zero yet: ordinals 1,2/);
    assert.ok(clock.now() - clock.startMs < 20_000);
  });

  it('waits while none is, and names all at the time-out', async () => {
    const { wait, source, clock } = await drained(MINUTE);
    source.counts.set('nginx-0', 1);
    assert.deepEqual(((await wait({ timeoutMs: 5 * MINUTE })).details as { atZero: number[] }).atZero, [2]);
    assert.ok(clock.now() - clock.startMs >= MINUTE + zero.stableForMs);
    source.counts.set('nginx-2', 3);
    await assert.rejects(wait(), (error: unknown) => {
      assert.ok(error instanceof NotYetError);
      assert.match(error.message, /none of ordinals 0-2 .* is at zero yet: .*nginx-0.*nginx-1.*nginx-2/);
      return true;
    });
  });

  it('is held up by no pod that another balancer still sends to, and shows it', async () => {
    const { wait, balancer, report, source } = await drained(MINUTE);
    balancer.override.set('nginx-1', 10);
    source.counts.set('nginx-0', 1);
    await wait({ timeoutMs: 5 * MINUTE });
    assert.match(report.text, /lb-nginx shows nginx-1 at weight 10/);
  });

  it('takes an updated pod for no pod to wait for', async () => {
    const { wait, renew } = await drained(60 * MINUTE);
    await renew();
    await assert.rejects(wait(), NotYetError);
    const idle = await drained(0, { updated: [0, 1, 2] });
    assert.match(String((await idle.wait()).message), /nothing to wait for/);
  });
});

describe('recreate --at-zero', () => {
  it('deletes those at zero, and leaves and names the others', async () => {
    const run = await drained(60 * MINUTE);
    const before = podUids(run);
    const { results, next } = await run.renew();
    assert.deepEqual(deletions(run), ['nginx-0']);
    assert.match(String(next[0]), /advance nginx --max-unavailable 3/);
    assert.deepEqual(
      results.map(({ object, action }) => [object, action]),
      [
        ['pod/nginx-0', 'recreated'],
        ['pod/nginx-1', 'left as it is'],
        ['pod/nginx-2', 'left as it is'],
      ],
    );
    assert.equal(podUids(run).get('nginx-1'), before.get('nginx-1'));
  });

  it('refuses where every one is busy, and deletes nothing', async () => {
    const run = await drained(60 * MINUTE);
    run.source.counts.set('nginx-0', 1);
    await assert.rejects(run.renew(), (error: unknown) => {
      assert.ok(error instanceof RefusedError);
      assert.match(String(error.refusals[0]?.cure), /wait-zero nginx --any/);
      return true;
    });
    assert.deepEqual(deletions(run), []);
  });

  it('deletes several together, each by its own stability window', async () => {
    const run = await drained(0);
    await run.renew();
    assert.deepEqual(deletions(run).sort(), ['nginx-0', 'nginx-2']);
  });

  it('is a rehearsal on a dry run', async () => {
    const run = await drained(60 * MINUTE);
    const { results } = await run.renew({ dryRun: 'client' });
    assert.deepEqual(deletions(run), []);
    assert.equal(results.length, 3);
  });

  it('with nothing outdated waits for what an earlier run has deleted', async () => {
    const run = await drained(60 * MINUTE, { updated: [0, 1, 2] });
    run.kube.edit(PODS, 'nginx-1', (object) => Object.assign(object['status'] as object, { phase: 'Pending' }));
    run.clock.at(20_000, () => {
      run.kube.edit(PODS, 'nginx-1', (object) => Object.assign(object['status'] as object, { phase: 'Running' }));
    });
    const { results } = await run.renew();
    assert.ok(run.clock.now() - run.clock.startMs >= 20_000);
    assert.deepEqual(deletions(run), []);
    assert.equal(results.length, 3);
  });

  it('with OrderedReady deletes none above an ordinal that is down, and says which wait for it', async () => {
    const ordered = { set: { podManagementPolicy: 'OrderedReady' as const } };
    const run: Drained = await drained(0, ordered);
    const set = run.kube.objects(PODS);
    assert.equal(set.length, 6);
    run.kube.edit(PODS, 'nginx-1', (object) => {
      Object.assign(object['status'] as object, { phase: 'Pending' });
    });
    const { results } = await run.renew({ ordinals: [0, 2] });
    assert.deepEqual(deletions(run), ['nginx-0']);
    assert.match(JSON.stringify(results), /at zero, but an ordinal below it is down/);
  });
});
