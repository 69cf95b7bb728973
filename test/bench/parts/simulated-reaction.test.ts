import assert from 'node:assert/strict';
import { it } from 'node:test';
import { simulatedReactions } from '../../../bench/parts/simulated-reaction.ts';

it('a wait for zero ends with the first reading that can prove it: the sources of moments one reading after the window at most, Cloud Monitor with its last settled point', async () => {
  const reactions = await simulatedReactions();
  assert.deepEqual(
    reactions.map(({ source, runsMs }) => [source, runsMs.length]),
    ['pod', 'metrics', 'clb, period 60 s'].map((source) => [`${source} (simulated clock)`, 12]),
  );
  for (const { source, windowMs, runsMs } of reactions.slice(0, 2))
    for (const runMs of runsMs) assert.ok(runMs <= windowMs + 3_000, `${source}: ${runMs} ms`);
  const beyond = reactions.flatMap(({ runsMs, leastMs }) =>
    runsMs.map((runMs, index) => runMs - (leastMs?.[index] ?? 0)),
  );
  assert.deepEqual([...new Set(beyond)], [0]);
});
