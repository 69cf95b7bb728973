/** wait-zero whose pods another writer gives weight again, or scales away. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ConflictError } from '../../../lib/core/errors.ts';
import type { WaitZeroIntent } from '../../../lib/core/intent/intent.ts';
import { drain } from '../../../lib/flows/verbs/drain.ts';
import { restore } from '../../../lib/flows/verbs/restore.ts';
import { waitZero } from '../../../lib/flows/verbs/wait-zero.ts';
import { PODS, STATEFUL_SETS } from '../../../lib/ports/resources.ts';
import { common, rehearse, replacePod, zero } from '../rehearsal/rehearsal.ts';

const MINUTE = 60_000;

/** Ordinals 4 and 5 of six drained, each with a connection for ten minutes; what others do comes within the first of them. */
async function drained(more: Partial<WaitZeroIntent> = {}) {
  const rehearsal = rehearse({ replicas: 6 });
  const { clock, kube, source, world } = rehearsal;
  const beganMs = clock.now();
  for (const name of ['nginx-4', 'nginx-5'])
    source.counts.set(name, (nowMs) => (nowMs < beganMs + 10 * MINUTE ? 2 : 0));
  await drain(world, { ...common, ordinals: [4, 5] });
  const after = (seconds: number, act: () => unknown): void =>
    clock.at(clock.now() - clock.startMs + seconds * 1000, async () => {
      await act();
    });
  const givesBack = (...ordinals: number[]) =>
    restore(world, { ...common, ...zero, ordinals, weightsOnly: true, dryRun: 'none' });
  const scalesTo = (replicas: number, ...gone: string[]) => {
    kube.edit(STATEFUL_SETS, 'nginx', (object) => {
      object['spec'] = { ...(object['spec'] as object), replicas };
    });
    for (const name of gone) kube.remove(PODS, name);
  };
  const wait = () => waitZero(world, { ...common, ...zero, timeoutMs: 60 * MINUTE, ...more });
  const tookMs = () => clock.now() - beganMs;
  return { ...rehearsal, after, givesBack, scalesTo, wait, tookMs };
}

const atZero = ({ results }: Awaited<ReturnType<typeof waitZero>>) =>
  results.filter(({ action }) => action === 'at zero').map(({ object }) => object);

describe('wait-zero, while another writer gives weight back', () => {
  it('ends at once with exit code 5, names the pod, and goes on with the others', async () => {
    const run = await drained();
    run.after(30, () => run.givesBack(5));
    await assert.rejects(run.wait(), (error: unknown) => {
      assert.ok(error instanceof ConflictError);
      assert.equal(error.exitCode, 5);
      assert.match(error.message, /given weight back to ordinal 5 of statefulset\/nginx/);
      assert.match(String(error.hint), /kubectl zeroloss status nginx/);
      assert.match(String(error.hint), /kubectl zeroloss wait-zero nginx 4\b/);
      assert.match(String(error.hint), /to go on: kubectl zeroloss drain nginx 5$/m);
      return true;
    });
    assert.ok(run.tookMs() < MINUTE, `${run.tookMs()} ms`);
  });

  it('names all of them where none is left', async () => {
    const run = await drained();
    run.after(30, () => run.givesBack(4, 5));
    await assert.rejects(run.wait(), (error: unknown) => {
      assert.ok(error instanceof ConflictError);
      assert.match(error.message, /given weight back to ordinals 4,5 .*they do not come to zero/);
      assert.doesNotMatch(String(error.hint), /wait-zero/);
      return true;
    });
  });

  it('with --any goes on for the pods that are still drained, and ends once none is', async () => {
    const run = await drained({ any: true });
    run.after(30, () => run.givesBack(5));
    assert.deepEqual(atZero(await run.wait()), ['pod/nginx-4']);
    const none = await drained({ any: true });
    none.after(30, () => none.givesBack(5));
    none.after(60, () => none.givesBack(4));
    await assert.rejects(none.wait(), ConflictError);
    assert.ok(none.tookMs() < 2 * MINUTE);
  });
});

describe('wait-zero, while another writer scales the pods away', () => {
  for (const any of [false, true])
    it(`goes on for the pods that are left, and shows which are not${any ? ', with --any too' : ''}`, async () => {
      const run = await drained({ any, ordinals: [4, 5] });
      run.after(30, () => run.scalesTo(5, 'nginx-5'));
      assert.deepEqual(atZero(await run.wait()), ['pod/nginx-4']);
      assert.match(run.report.text, /statefulset\/nginx: ordinal 5 was scaled away; the wait goes on for ordinal 4/);
    });

  for (const any of [false, true])
    it(`ends with 0 once none is left${any ? ', with --any too' : ''}`, async () => {
      const run = await drained({ any });
      run.after(30, () => run.scalesTo(4, 'nginx-4', 'nginx-5'));
      const { exitCode, results, message } = await run.wait();
      assert.equal(exitCode, 0);
      assert.deepEqual(results, []);
      assert.match(String(message), /nothing to wait for: drained ordinals 4,5 of statefulset\/nginx no longer exist/);
      assert.ok(run.tookMs() < MINUTE, `${run.tookMs()} ms`);
    });

  it('waits for a pod that is still there, and for none that a scale-in gives its weight back as it goes', async () => {
    const run = await drained();
    run.after(30, () => run.scalesTo(5));
    run.after(40, () => run.givesBack(5));
    run.after(90, () => run.kube.remove(PODS, 'nginx-5'));
    assert.deepEqual(atZero(await run.wait()), ['pod/nginx-4']);
  });
});

describe('wait-zero, while another writer replaces a pod', () => {
  it('with --any goes on for the other pods, and names only those', async () => {
    const run = await drained({ any: true });
    run.after(30, () => replacePod(run, 'nginx-4', 'other'));
    const outcome = await run.wait();
    assert.deepEqual(atZero(outcome), ['pod/nginx-5']);
    assert.equal(outcome.message, undefined);
    assert.match(run.report.text, /statefulset\/nginx: ordinal 4 was replaced by another writer; the wait goes on/);
  });

  it('ends with 5 once every pod is replaced, or one of those that are waited for together', async () => {
    const none = await drained({ any: true });
    none.after(30, () => replacePod(none, 'nginx-4', 'other'));
    none.after(40, () => replacePod(none, 'nginx-5', 'another'));
    await assert.rejects(none.wait(), /pod\/nginx-5 was replaced by another writer during the wait/);
    const all = await drained();
    all.after(30, () => replacePod(all, 'nginx-4', 'other'));
    await assert.rejects(all.wait(), ConflictError);
  });
});
