import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { drain } from '../../../lib/flows/verbs/drain.ts';
import { recreate } from '../../../lib/flows/verbs/recreate.ts';
import { common, deletions, rehearse, zero } from '../rehearsal/rehearsal.ts';

describe('a pod of the update revision', () => {
  const RESTART =
    /nginx-0 \(made 2026-01-01T00:00:00Z\) runs the update revision: .*kubectl zeroloss upgrade nginx --restart/;
  it('is shown by drain already, and by recreate with since when, and what makes a new revision', async () => {
    const rehearsal = rehearse({ settled: true });
    assert.match(String((await drain(rehearsal.world, { ...common, ordinals: [0] })).message), RESTART);
    const { message, results } = await recreate(rehearsal.world, { ...common, ...zero, evict: false, force: false });
    assert.match(String(message), RESTART);
    assert.deepEqual(
      results.map(({ action, note }) => `${action}: ${note}`),
      ['already updated: made 2026-01-01T00:00:00Z, revision nginx-6c8f7d9b54'],
    );
    assert.deepEqual(deletions(rehearsal), []);
  });
  it('is what a script was to bring about: drain --skip-done says that nothing is left, and writes nothing', async () => {
    const rehearsal = rehearse({ replicas: 4, updated: [0, 1] });
    const done = { ...common, ordinals: [0, 1], skipDone: true };
    for (const dryRun of ['none', 'client'] as const) {
      const { message, next } = await drain(rehearsal.world, { ...done, dryRun });
      assert.deepEqual([message, next], ['there is nothing to drain: ordinals 0,1 are updated, or gone', []]);
    }
    assert.deepEqual(rehearsal.kube.writes, []);
    const { message } = await drain(rehearsal.world, { ...done, ordinals: [0, 1, 2] });
    assert.match(String(message), /^the load balancer shows weight 0 for ordinal 2: [^\n]*$/);
  });
  it('is not spoken of where the pods are outdated', async () => {
    const rehearsal = rehearse();
    assert.doesNotMatch(
      String((await drain(rehearsal.world, { ...common, ordinals: [0] })).message),
      /update revision/,
    );
  });
});
