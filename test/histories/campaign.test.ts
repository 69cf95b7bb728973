/** The campaign is `make histories`; here is what it stands on: a seed is one history, and always the same. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bundleHistories } from './campaign/bundle.ts';
import { runCampaign } from './campaign/crew.ts';
import type { Told } from './campaign/worker.ts';

/** By seed. */
async function told(bundle: string, seeds: readonly number[]): Promise<Map<number, Told>> {
  const found = new Map<number, Told>();
  await runCampaign({
    bundle,
    seeds,
    shrinks: 0,
    onTold(each) {
      found.set(each.seed, each);
      return false;
    },
  });
  return found;
}

test('a seed is one history, whatever ran before it in the same process, and no invariant is broken', async () => {
  const bundle = await bundleHistories('test');
  const seeds = [2, 9, 15];
  const first = await told(bundle, seeds);
  const again = await told(bundle, [...seeds].reverse());
  for (const seed of seeds) {
    assert.deepEqual(first.get(seed)?.report.violations, []);
    assert.deepEqual(first.get(seed)?.report.timeline, again.get(seed)?.report.timeline);
  }
});
