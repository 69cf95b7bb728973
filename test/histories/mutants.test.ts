/** Each planted fault is found by the history that is recorded beside it, and the shipped sources pass that history. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bundleHistories } from './campaign/bundle.ts';
import { runCampaign } from './campaign/crew.ts';
import type { Report } from './campaign/run-history.ts';
import { MUTANTS } from './mutants/plants.ts';

/** The end of each of these histories. */
async function reports(bundle: string, seeds: readonly number[]): Promise<Map<number, Report>> {
  const found = new Map<number, Report>();
  await runCampaign({
    bundle,
    seeds,
    shrinks: 0,
    onTold({ seed, report }) {
      found.set(seed, report);
      return false;
    },
  });
  return found;
}

describe('a fault that is planted into the sources', () => {
  for (const [index, { name, breaks, seed, plants }] of MUTANTS.entries())
    it(`that ${name} is found`, async () => {
      const found = await reports(await bundleHistories(`planted-${index}`, plants), [seed]);
      const broken = found.get(seed)?.violations.map(({ invariant }) => invariant) ?? [];
      assert.ok(broken.includes(breaks), `seed ${seed} breaks ${broken.join() || 'nothing'}`);
    });
  it('is what breaks them: without one, the same histories break nothing', async () => {
    const found = await reports(await bundleHistories('unplanted'), [...new Set(MUTANTS.map(({ seed }) => seed))]);
    for (const [seed, { violations }] of found) assert.deepEqual(violations, [], `seed ${seed}`);
  });
});
