/** `sandbox experiment` as its users run it: one experiment, as data and with its exit code. The others: `make experiments`. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { PLUGIN, startProgram } from '../stage/plugin.ts';

interface Report {
  experiments: {
    name: string;
    rows: { what: string; requests: number; lost: number; ours: boolean; why: string; holds: boolean }[];
  }[];
}

test('rollout-arithmetic counts what the controller does, and every row is as worked out', async (t) => {
  const home = await mkdtemp(join(tmpdir(), 'zeroloss-experiment-'));
  t.after(() => rm(home, { recursive: true, force: true }));
  const words = ['sandbox', 'experiment', 'rollout-arithmetic', '-o', 'json'];
  const env = { PATH: process.env['PATH'], HOME: home, TMPDIR: home };
  const { code, stdout, stderr } = await startProgram(PLUGIN, words, env, 180_000).ended;
  const { experiments } = JSON.parse(stdout) as Report;
  const [experiment] = experiments;
  assert.deepEqual([experiment?.name, experiments.length], ['rollout-arithmetic', 1]);
  const rows = experiment?.rows ?? [];
  assert.deepEqual(
    rows.filter(({ holds }) => !holds).map(({ what, why }) => `${what}: ${why}`),
    [],
  );
  assert.equal(code, 0, stderr);
  assert.match(
    rows[0]?.why ?? '',
    /at most 13 pods \(worked out: 13\), at least \d+ available \(worked out: 8\); steps: new \+3, old -2/,
  );
  assert.ok(rows.every(({ requests }) => requests > 0));
  assert.deepEqual(
    rows.filter(({ ours }) => ours).map(({ lost }) => lost),
    [0],
  );
});
