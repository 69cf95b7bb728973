import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ConflictError, NotYetError, RefusedError, StatusError } from '../../../lib/core/errors.ts';
import type { UpgradeIntent } from '../../../lib/core/intent/intent.ts';
import { foreseenFull } from '../../../lib/core/window/full.ts';
import { gather } from '../../../lib/flows/target/gather.ts';
import { planIntentOf } from '../../../lib/flows/upgrade/before-first-write.ts';
import { barePlan } from '../../../lib/flows/upgrade/foresee.ts';
import { drain } from '../../../lib/flows/verbs/drain.ts';
import { pause, resume } from '../../../lib/flows/verbs/pause.ts';
import { restore } from '../../../lib/flows/verbs/restore.ts';
import { upgrade } from '../../../lib/flows/verbs/upgrade.ts';
import { PODS, SERVICES } from '../../../lib/ports/resources.ts';
import type { KubeObject } from '../../../lib/ports.ts';
import { annotation, common, deletions, type Rehearsal, RS_WEIGHT, rehearse, zero } from '../rehearsal/rehearsal.ts';
import { handDrained, watchDrained, windowOfThree, zerosIn } from '../rehearsal/windows.ts';

const run = ({ world }: Rehearsal, more: Partial<UpgradeIntent> = {}) => upgrade(world, { ...windowOfThree, ...more });
const secondsGone = ({ clock }: Rehearsal): number => (clock.now() - clock.startMs) / 1000;

describe('a window and other operators', () => {
  it('ends with 5 where a colleague gives weight back to pods that it had drained, and drains none again', async () => {
    for (const ordinals of [[1], undefined]) {
      const rehearsal = rehearse();
      for (const ordinal of [0, 1, 2]) rehearsal.source.counts.set(`nginx-${ordinal}`, 2);
      let left: string | undefined;
      rehearsal.clock.at(60_000, async () => {
        const named = ordinals === undefined ? {} : { ordinals };
        await restore(rehearsal.world, { ...common, ...zero, ...named, weightsOnly: true });
        left = annotation(rehearsal);
      });
      await assert.rejects(
        run(rehearsal),
        (error: unknown) =>
          error instanceof ConflictError &&
          /another writer has given weight back to ordinal.* which this run was about to replace/.test(error.message),
      );
      assert.equal(annotation(rehearsal), left);
      assert.deepEqual(deletions(rehearsal), []);
    }
  });

  it('ends with 5 where a colleague drains an updated pod that it had finished, names it, and leaves it at 0', async () => {
    const rehearsal = rehearse();
    const { world, clock, source } = rehearsal;
    for (const ordinal of [7, 8, 9]) source.counts.set(`nginx-${ordinal}`, 2);
    let left: string | undefined;
    clock.at(600_000, async () => {
      await drain(world, { ...common, ordinals: [1], minServing: { kind: 'count', count: 1 } });
      left = annotation(rehearsal);
    });
    await assert.rejects(
      run(rehearsal),
      (error: unknown) =>
        error instanceof ConflictError &&
        /another writer has drained ordinal 1 of statefulset\/nginx, updated and under traffic until then: nothing is given back there/.test(
          error.message,
        ) &&
        /history nginx.*\n.*status nginx.*\n.*restore nginx 1 .*\n.*the same command again/.test(String(error.hint)),
    );
    assert.ok(left !== undefined && zerosIn(left).includes(1));
    assert.equal(annotation(rehearsal), left);
    assert.ok(secondsGone(rehearsal) < 630);
  });

  it('counts pods that somebody else keeps at 0 among those that are out, and names them where they fill the window', async () => {
    const rehearsal = rehearse({ updated: [8, 9], service: { rsWeight: handDrained(8, 9) } });
    const most = watchDrained(rehearsal);
    await run(rehearsal);
    assert.equal(most(), 3);
    assert.equal(deletions(rehearsal).length, 8);

    const full = rehearse({ updated: [7, 8, 9], service: { rsWeight: handDrained(7, 8, 9) } });
    await assert.rejects(
      run(full),
      (error: unknown) =>
        error instanceof RefusedError &&
        /window of 3 is full: ordinals 7-9 of statefulset\/nginx are at weight 0, drained by hand/.test(
          error.message,
        ) &&
        error.refusals.map(({ rule, cure }) => `${rule}: ${String(cure)}`).join() ===
          'window-full: kubectl zeroloss restore nginx 7-9   # gives weight there too',
    );
    assert.deepEqual(deletions(full), []);
  });

  it('is refused before its first write, and its plan too, where zeros by hand will fill the window once they are updated', async () => {
    const rehearsal = rehearse({ service: { rsWeight: handDrained(7, 8, 9) } });
    const { world, kube } = rehearsal;
    const before = kube.writes.length;
    const rule = 'the window of 3 is full: ordinals 7-9 of statefulset/nginx are at weight 0, drained by hand';
    await assert.rejects(
      run(rehearsal, { images: { nginx: 'nginx:1.25.5' } }),
      (error: unknown) => error instanceof RefusedError && error.refusals.some(({ message }) => message === rule),
    );
    assert.deepEqual(
      kube.writes.slice(before).filter(({ resource }) => resource !== 'leases'),
      [],
    );
    const facts = await gather(world, common);
    const { maxUnavailable: _, ...batches } = planIntentOf({ ...windowOfThree, images: { nginx: 'nginx:1.25.5' } });
    const foreseen = (count: number): string[] => {
      const plan = barePlan(facts, { ...batches, maxUnavailable: { kind: 'count', count } });
      return foreseenFull(facts, plan).map(({ message }) => message);
    };
    assert.deepEqual([foreseen(3), foreseen(4)], [[rule], []], 'with one place more there is room');
    assert.deepEqual(foreseenFull(facts, barePlan(facts, batches)), [], 'batches have no such places');
  });

  it('chooses anew where a colleague drains pods between its look and its write', async () => {
    const rehearsal = rehearse({ updated: [7, 8, 9] });
    const most = watchDrained(rehearsal);
    const { report, kube } = rehearsal;
    const progress = report.progress.bind(report);
    let isDrained = false;
    report.progress = (line) => {
      progress(line);
      if (isDrained || !/of 10 done/.test(line)) return;
      isDrained = true;
      kube.edit(SERVICES, 'nginx', ({ metadata }) => {
        metadata.annotations = { ...metadata.annotations, [RS_WEIGHT]: handDrained(8, 9) };
      });
    };
    await run(rehearsal);
    assert.ok(isDrained);
    assert.equal(most(), 3);
  });

  it('ends with 6 where the pause lasts longer than --timeout, as batches do', async () => {
    const rehearsal = rehearse();
    rehearsal.clock.at(20_000, async () => void (await pause(rehearsal.world, common)));
    await assert.rejects(
      run(rehearsal, { timeoutMs: 60_000 }),
      (error: unknown) => error instanceof NotYetError && /is paused/.test(error.message),
    );
    assert.ok(secondsGone(rehearsal) >= 80 && secondsGone(rehearsal) < 100);
  });

  it('does not count the time of a pause as time that a pod is late', async () => {
    const rehearsal = rehearse({ replicas: 3 });
    rehearsal.source.counts.set('nginx-0', (nowMs) => (nowMs < rehearsal.clock.startMs + 170_000 ? 2 : 0));
    rehearsal.clock.at(10_000, async () => void (await pause(rehearsal.world, common)));
    rehearsal.clock.at(120_000, async () => void (await resume(rehearsal.world, common)));
    const outcome = await run(rehearsal, { maxUnavailable: { kind: 'count', count: 1 }, timeoutMs: 120_000 });
    assert.equal(outcome.exitCode, 0);
  });

  it('goes on with the other pods while a budget forbids the eviction of one', async () => {
    const rehearsal = rehearse({ replicas: 4 });
    const evicted = forbidsFirst(rehearsal, ({ clock }) => clock.now() - clock.startMs < 200_000);
    await run(rehearsal, { maxUnavailable: { kind: 'count', count: 2 }, evict: true });
    assert.deepEqual(evicted, ['nginx-1', 'nginx-2', 'nginx-3', 'nginx-0']);
  });

  it('asks for the next pods while a budget forbids the eviction of one', async () => {
    const rehearsal = rehearse({ replicas: 4 });
    let questions = 0;
    const evicted = forbidsFirst(rehearsal, () => questions < 2);
    const world = { ...rehearsal.world, confirm: async () => ++questions > 0 };
    await upgrade(world, { ...windowOfThree, maxUnavailable: { kind: 'count', count: 2 }, evict: true, yes: false });
    assert.deepEqual(evicted.toSorted(), ['nginx-0', 'nginx-1', 'nginx-2', 'nginx-3']);
    assert.ok(secondsGone(rehearsal) < 600);
  });
});

/** A budget that forbids the eviction of nginx-0 for as long; returns the pods that are evicted. */
function forbidsFirst(rehearsal: Rehearsal, isForbidden: (rehearsal: Rehearsal) => boolean): string[] {
  const { kube } = rehearsal;
  const evicted: string[] = [];
  const create = kube.create.bind(kube);
  kube.create = async (...call) => {
    const [, object, options] = call;
    if (options?.subresource !== 'eviction') return create(...call);
    const { name = '' } = options;
    if (name === 'nginx-0' && isForbidden(rehearsal))
      throw new StatusError(429, 'TooManyRequests', 'the budget needs 3 healthy pods');
    evicted.push(name);
    await kube.delete(PODS, name, { uid: kube.object(PODS, name)?.metadata.uid ?? '' });
    return object as KubeObject;
  };
  return evicted;
}
