import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { drain } from '../../../lib/flows/verbs/drain.ts';
import { restore } from '../../../lib/flows/verbs/restore.ts';
import { upgrade } from '../../../lib/flows/verbs/upgrade.ts';
import { common, deletions, type Rehearsal, rehearse, upgradeIntent, zero } from '../rehearsal/rehearsal.ts';

const firstLine = ({ report }: Rehearsal): string =>
  report.text.split('\n').find((line) => /^(progress: )?\[1\//.test(line)) ?? '';

describe('the line of a batch', () => {
  it('says of pods that were never replaced that they got their weight back, and no more', async () => {
    const rehearsal = rehearse({ settled: true });
    await drain(rehearsal.world, { ...common, ordinals: [0, 1] });
    await upgrade(rehearsal.world, upgradeIntent());
    assert.match(
      firstLine(rehearsal),
      /\] ordinals 0,1: found drained · weight given back · healthy {3}10 of 10 updated$/,
    );
    assert.deepEqual(deletions(rehearsal), []);
  });
  it('names the pods of a batch that were recreated, and those that only got their weight back', async () => {
    const rehearsal = rehearse({ updated: [4] });
    await drain(rehearsal.world, { ...common, ordinals: [2, 3, 4] });
    await upgrade(rehearsal.world, upgradeIntent());
    assert.match(
      firstLine(rehearsal),
      /\] ordinals 2-4: found drained · zero after \d+s · recreated 2,3 · weight given back to 4 · healthy {3}3 of 10/,
    );
    assert.ok(!deletions(rehearsal).includes('nginx-4'));
  });
  it('claims no drain of a canary that gets its full weight back', async () => {
    const rehearsal = rehearse({ settled: true });
    await drain(rehearsal.world, { ...common, ordinals: [0] });
    await restore(rehearsal.world, { ...common, ...zero, ordinals: [0], weights: [1], everyMs: 0, weightsOnly: false });
    await upgrade(rehearsal.world, upgradeIntent());
    assert.match(firstLine(rehearsal), /\] ordinal 0: weight given back · healthy {3}/);
  });
  it('says drained, without found, of a batch that this run drained', async () => {
    const rehearsal = rehearse();
    await upgrade(rehearsal.world, upgradeIntent({ batch: 2 }));
    assert.match(firstLine(rehearsal), /\] ordinals 0,1: drained · zero after \d+s · recreated · healthy {3}/);
  });
});
