import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { unitsOf } from '../../../bench/parts/rollout.ts';
import { openKeptRollouts } from '../../../bench/rollout/kept-rollouts.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');

it('the tables of what has been measured are printed without measuring, with the worst seed, for the newest code alone', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'zeroloss-rollouts-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'rollouts.jsonl');
  const rollout = (minutes: number) => ({
    tookMs: minutes * 60_000,
    cluster: 100,
    cloud: 10,
    mostOut: 10,
    unproved: 0,
  });
  const [window, batches] = unitsOf({ sizes: [1000], seeds: 1 });
  assert.ok(window !== undefined && batches !== undefined);
  const old = openKeptRollouts(path, 'aaaa');
  old.add(window, rollout(1));
  const kept = openKeptRollouts(path, 'bbbb');
  for (const [seed, minutes] of [
    [1, 4000],
    [2, 3000],
    [3, 2000],
  ] as const) {
    kept.add({ ...window, seed }, rollout(1000));
    kept.add({ ...batches, seed }, rollout(minutes));
  }
  const printed = execFileSync(process.execPath, ['--import', 'tsx', join(ROOT, 'bench', 'show-rollouts.ts'), path], {
    encoding: 'utf8',
    cwd: ROOT,
  });
  assert.match(printed, /^1000 pods, 10 out, soak 0 min +seeds .* batches : window +at least$/m);
  assert.match(printed, /^exponential +3 +1000\.0 .* 3000\.0 .* 3\.00 +2\.00$/m);
  assert.match(printed, /batches +█+ 3000$/m);
});
