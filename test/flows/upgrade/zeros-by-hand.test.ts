import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { advance } from '../../../lib/flows/verbs/advance.ts';
import { pause } from '../../../lib/flows/verbs/pause.ts';
import { scale } from '../../../lib/flows/verbs/scale.ts';
import { surge } from '../../../lib/flows/verbs/surge.ts';
import { upgrade } from '../../../lib/flows/verbs/upgrade.ts';
import { service } from '../../builders.ts';
import { annotation, common, deletions, rehearse, upgradeIntent, zero } from '../rehearsal/rehearsal.ts';

const zeros = (...podIndexes: number[]) =>
  JSON.stringify({
    defaultWeight: 10,
    groups: [
      { key: { proto: 'TCP', port: 80 }, statefulSets: [{ name: 'nginx', weights: [{ weight: 0, podIndexes }] }] },
    ],
  });
const two = { kind: 'count', count: 2 } as const;

describe('a pod that was drained by hand', () => {
  for (const more of [{}, { maxUnavailable: two }])
    it(`stays at 0 through an upgrade ${'maxUnavailable' in more ? 'by a window' : 'by batches'}, which names it at the end`, async () => {
      const rehearsal = rehearse({ replicas: 6, service: { rsWeight: zeros(3) }, updated: [3] });
      const { message } = await upgrade(rehearsal.world, upgradeIntent({ ...more, timeoutMs: 600_000 }));
      assert.equal(annotation(rehearsal), zeros(3));
      assert.deepEqual(deletions(rehearsal).toSorted(), ['nginx-0', 'nginx-1', 'nginx-2', 'nginx-4', 'nginx-5']);
      assert.match(
        String(message),
        /ordinal 3 stays at weight 0, drained by hand; to give weight there too: .*restore nginx 3/,
      );
    });

  it('is replaced where it is outdated, and stays at 0 all the same', async () => {
    const rehearsal = rehearse({ replicas: 4, service: { rsWeight: zeros(3) } });
    await upgrade(rehearsal.world, upgradeIntent({ timeoutMs: 600_000 }));
    assert.equal(annotation(rehearsal), zeros(3));
    assert.equal(deletions(rehearsal).length, 4);
  });

  for (const more of [{}, { maxUnavailable: two }])
    it(`is no batch that advance gives back${'maxUnavailable' in more ? ', by a window' : ''}`, async () => {
      const rehearsal = rehearse({ replicas: 6, service: { rsWeight: zeros(3) }, updated: [3] });
      const { message } = await advance(rehearsal.world, { ...common, ...more });
      // In a window of two it takes one of the places.
      assert.match(annotation(rehearsal) ?? '', /\[0,3\]/);
      assert.match(String(message), /ordinal 3 stays at weight 0, drained by hand/);
      const before = annotation(rehearsal);
      await advance(rehearsal.world, { ...common, ...more });
      assert.equal(annotation(rehearsal), before);
    });

  it('keeps no batch from its weight while the upgrade is paused', async () => {
    const rehearsal = rehearse({ replicas: 4, service: { rsWeight: zeros(3) }, updated: [0, 1, 2, 3] });
    await pause(rehearsal.world, common);
    assert.equal((await advance(rehearsal.world, common)).exitCode, 3);
    assert.equal(annotation(rehearsal), zeros(3));
  });

  it('is not drained on another Service too by a surge without traffic', async () => {
    const second = service({ name: 'second', selector: { app: 'nginx' }, rsWeight: zeros(0, 1, 2) });
    const rehearsal = rehearse({ replicas: 4, services: [service(), second] });
    await pause(rehearsal.world, common);
    await surge(rehearsal.world, { ...common, count: 1, dark: true });
    assert.equal(annotation(rehearsal), zeros(4));
    assert.equal(annotation(rehearsal, 'second'), zeros(0, 1, 2, 4));
  });

  it('and a weight of 0 for pods to come are left alone by a scale to the replicas that there are', async () => {
    const rehearsal = rehearse({ replicas: 4, service: { rsWeight: zeros(20, 21) } });
    await scale(rehearsal.world, { ...common, ...zero, replicas: 4 });
    assert.equal(annotation(rehearsal), zeros(20, 21));
  });

  it('loses its weight of 0 with its ordinal when it is scaled away', async () => {
    const rehearsal = rehearse({ replicas: 4, settled: true, service: { rsWeight: zeros(3, 20) } });
    await scale(rehearsal.world, { ...common, ...zero, replicas: 3, minServing: { kind: 'count', count: 1 } });
    assert.equal(annotation(rehearsal), zeros(20));
  });
});
