/** The campaign is `make histories`; here is what it stands on: a seed is one history, and always the same. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { bundleHistories, ROOT } from './campaign/bundle.ts';
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

test('a campaign that is interrupted shows what it has covered, and ends with 130', async () => {
  const campaign = spawn(process.execPath, ['--import', 'tsx', 'test/histories/run.ts'], {
    cwd: ROOT,
    env: { ...process.env, SEEDS: '5000', SEED: '', FROM: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let shown = '';
  campaign.stdout.on('data', (chunk: Buffer) => {
    shown += chunk.toString('utf8');
  });
  // The first history is through.
  await once(campaign.stderr, 'data');
  campaign.stderr.resume();
  campaign.kill('SIGTERM');
  const [code] = await once(campaign, 'close');
  assert.equal(code, 130);
  assert.match(shown, /^\d+ histories in \d+ s .* simulated hours$/m);
  assert.match(shown, /^what struck what \(\d+ kinds of fault, \d+ verbs\):$/m);
  assert.match(shown, /^0 violations$/m);
});
