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
  it('is not spoken of where the pods are outdated', async () => {
    const rehearsal = rehearse();
    assert.doesNotMatch(
      String((await drain(rehearsal.world, { ...common, ordinals: [0] })).message),
      /update revision/,
    );
  });
});
