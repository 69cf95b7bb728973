/** Manifests for Argo Workflows, read by Argo's own linter: of `plan -o argo` on a real target, and of the fleet. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { execa } from 'execa';
import type { E2eCluster } from '../cluster/cluster.ts';
import { startE2eCluster } from '../cluster/start-cluster.ts';
import { goToolPath } from '../cluster/tools.ts';
import { openStage } from '../stage/stage.ts';

const FLEET = join(import.meta.dirname, '../../../deploy/argo/fleet.yaml');

let cluster: E2eCluster;
let folder: string;
before(async () => {
  cluster = await startE2eCluster();
  folder = await mkdtemp(join(tmpdir(), 'argo-'));
});
after(async () => {
  await cluster?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** The linter's exit code and words. */
async function lint(manifest: string): Promise<{ code: number | undefined; said: string }> {
  const file = join(folder, 'manifest.yaml');
  await writeFile(file, manifest);
  const { exitCode, all } = await execa(goToolPath('argo-lint'), [file], { reject: false, all: true });
  return { code: exitCode, said: all ?? '' };
}

for (const [what, words] of [
  ['batches', ['--batch', '2']],
  ['a window', ['--max-unavailable', '2', '--gate-command', 'test "$CI" = 1']],
  ['the surge of a workload identity', ['--surge', '1', '--soak', '10m']],
] as const)
  test(`plan -o argo prints a Workflow of ${what} that Argo's linter takes`, async (t) => {
    const stage = await openStage(t, cluster, { replicas: 4 });
    const key = words[0] === '--surge' ? ['--job-role', 'qcs::cam::uin/1:roleName/a'] : ['--job-secret', 'key'];
    const { stdout } = await stage.ok(
      ...['plan', 'nginx', '--image', 'nginx=nginx:1.25.4', ...words],
      ...['-o', 'argo', '--job-image', 'zeroloss:v1', ...key],
    );
    assert.match(stdout, /^kind: Workflow$/m);
    assert.deepEqual(await lint(stdout), { code: 0, said: 'no linting errors found!' });
    const wrong = await lint(stdout.replace('entrypoint: upgrade', 'entrypoint: elsewhere'));
    assert.equal(wrong.code, 1, wrong.said);
    assert.match(wrong.said, /elsewhere/);
  });

test("Argo's linter takes the fleet, and refuses it with one wrong field", async () => {
  const fleet = await readFile(FLEET, 'utf8');
  assert.deepEqual(await lint(fleet), { code: 0, said: 'no linting errors found!' });
  const wrong = await lint(fleet.replace('failFast: true', 'failFirst: true'));
  assert.equal(wrong.code, 1);
  assert.match(wrong.said, /failFirst/);
});
