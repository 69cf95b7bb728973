import assert from 'node:assert/strict';
import { it } from 'node:test';
import { simulatedReactions } from '../../../bench/parts/simulated-reaction.ts';

it('a wait for zero ends with the first reading that can prove it: the pod source one reading after the window at most, Cloud Monitor with its last settled point', async () => {
  const [pod, clb] = await simulatedReactions();
  const beyond = (reaction: typeof pod) =>
    reaction?.runsMs.map((runMs, index) => runMs - (reaction.leastMs?.[index] ?? Number.NaN));
  assert.deepEqual([pod?.runsMs.length, clb?.runsMs.length], [12, 12]);
  for (const runMs of pod?.runsMs ?? []) assert.ok(runMs <= (pod?.windowMs ?? 0) + 3_000, `${runMs} ms`);
  assert.deepEqual([...new Set([...(beyond(pod) ?? []), ...(beyond(clb) ?? [])])], [0]);
});
