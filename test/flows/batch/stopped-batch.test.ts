/** Batches that a scale-in, a pause or a no comes into: the results name what was done, and nothing else. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NotStartedError, NotYetError } from '../../../lib/core/errors.ts';
import { drain } from '../../../lib/flows/verbs/drain.ts';
import { pause, resume } from '../../../lib/flows/verbs/pause.ts';
import { recreate } from '../../../lib/flows/verbs/recreate.ts';
import { upgrade } from '../../../lib/flows/verbs/upgrade.ts';
import { PODS, STATEFUL_SETS } from '../../../lib/ports/resources.ts';
import { service } from '../../builders.ts';
import { common, deletions, type Rehearsal, rehearse, upgradeIntent, zero } from '../rehearsal/rehearsal.ts';

const scaleTo = (count: number, { kube }: Rehearsal): void => {
  kube.edit(STATEFUL_SETS, 'nginx', (set) => {
    set['spec'] = { ...(set['spec'] as object), replicas: count };
    set['status'] = { ...(set['status'] as object), observedGeneration: 99 };
  });
};
const events = ({ kube }: Rehearsal): string[] =>
  kube.writes
    .filter(({ resource }) => resource === 'events')
    .map(({ body }) => body as { reason?: string; message?: string })
    .filter(({ reason }) => reason === 'ZerolossRecreated')
    .map(({ message = '' }) => message);
const linesOf = (results: readonly { object: string; action: string; note?: string }[]): string[] =>
  results.map(({ object, action, note }) => `${object} ${action}: ${note}`);

/** Both pods are drained and deleted; at the first second of the wait the StatefulSet is scaled to so many. */
async function recreated(ordinals: readonly number[], count: number) {
  const rehearsal = rehearse({ replicas: 5, startMs: 20_000 });
  const { kube, world, clock } = rehearsal;
  await drain(world, { ...common, ordinals });
  const sent = kube.delete.bind(kube);
  kube.delete = async (...call) => {
    await sent(...call);
    clock.at(clock.now() - clock.startMs + 1_000, () => scaleTo(count, rehearsal));
  };
  kube.replacement = (name) => (name === 'nginx-4' ? undefined : {});
  const outcome = await recreate(world, { ...common, ...zero, evict: false, force: false });
  assert.equal(kube.object(PODS, 'nginx-4'), undefined);
  return { rehearsal, outcome };
}

describe('recreate', () => {
  it('reports a pod that was scaled away before it came back as deleted, and not as updated and ready', async () => {
    const { rehearsal, outcome } = await recreated([3, 4], 4);
    assert.deepEqual(linesOf(outcome.results), [
      'pod/nginx-3 recreated: updated and ready',
      'pod/nginx-4 deleted: scaled away meanwhile',
    ]);
    assert.deepEqual(events(rehearsal), ['ordinal 3 updated and ready']);
  });

  it('writes no Event that pods are ready where every one was scaled away', async () => {
    const { rehearsal, outcome } = await recreated([4], 4);
    assert.deepEqual(linesOf(outcome.results), ['pod/nginx-4 deleted: scaled away meanwhile']);
    assert.deepEqual(events(rehearsal), []);
  });
});

describe('an upgrade by batches', () => {
  it('names the pod that it had deleted when a pause kept the second one of the batch', async () => {
    const rehearsal = rehearse({ replicas: 4 });
    const { kube, world, clock } = rehearsal;
    const sent = kube.delete.bind(kube);
    let isFirst = true;
    kube.delete = async (...call) => {
      if (call[1] === 'nginx-1' && isFirst) {
        isFirst = false;
        await clock.sleep(6_000);
        await pause(world, common);
        clock.at(clock.now() - clock.startMs + 20_000, async () => void (await resume(world, common)));
      }
      return sent(...call);
    };
    const minServing = { kind: 'count', count: 1 } as const;
    const { results } = await upgrade(world, upgradeIntent({ batch: 2, minServing, timeoutMs: 600_000 }));
    assert.deepEqual(deletions(rehearsal), ['nginx-0', 'nginx-1', 'nginx-2', 'nginx-3']);
    assert.deepEqual(
      linesOf(results)
        .filter((line) => /^pod\/nginx-[01] /.test(line))
        .map((line) => line.replace(/:.*/, '')),
      ['pod/nginx-0 deleted', 'pod/nginx-1 recreated'],
    );
  });

  it('that a no stops at a Service that came during the question ends with 6, with what it had done and how to go on', async () => {
    const rehearsal = rehearse({ replicas: 4 });
    const { kube, world } = rehearsal;
    const selector = { app: 'nginx', 'statefulset.kubernetes.io/pod-name': 'nginx-1' };
    world.confirm = async (question) => {
      if (/Drain anyway/.test(question)) return false;
      if (/Drain ordinal 1 /.test(question)) kube.put(service({ name: 'only-1', selector }));
      return true;
    };
    await assert.rejects(upgrade(world, upgradeIntent({ yes: false })), (error: unknown) => {
      assert.ok(error instanceof NotYetError && !(error instanceof NotStartedError), String(error));
      assert.match(error.message, /^no further pod of statefulset\/nginx is drained \(answered no\)$/);
      assert.match(error.hint ?? '', /--allow-alone only-1 does not ask[\s\S]*1 of 4 pods are updated/);
      assert.ok(linesOf(error.results).includes('pod/nginx-0 recreated: updated and ready'));
      return true;
    });
    assert.deepEqual(deletions(rehearsal), ['nginx-0']);
  });
});
