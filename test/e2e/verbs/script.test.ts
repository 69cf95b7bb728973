/** The script of `plan -o sh`, run by bash with the real kubectl and the plugin on PATH, under traffic. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { E2eCluster } from '../cluster/cluster.ts';
import { closeCluster, openCluster } from '../cluster/shared-cluster.ts';
import { startProgram } from '../stage/plugin.ts';
import { FAST, NEW_IMAGE, openStage } from '../stage/stage.ts';

let cluster: E2eCluster;
before(async () => {
  cluster = await openCluster();
});
after(closeCluster);

test('the generated script upgrades in batches with a surge, loses nothing, and ends as it began', async (t) => {
  const stage = await openStage(t, cluster, { replicas: 3 });
  const was = { annotations: await stage.annotations(), uids: await stage.uids() };
  const traffic = await stage.traffic();
  const wish = ['--image', `nginx=${NEW_IMAGE}`, '--batch', '2', '--surge', '1', '--soak', '1s', ...FAST];
  const { stdout } = await stage.ok('plan', 'nginx', ...wish, '-o', 'sh');
  const file = join(stage.home, 'upgrade.sh');
  await writeFile(file, stdout);
  const ran = await startProgram('bash', [file], stage.env, 240_000).ended;
  assert.equal(ran.code, 0, `${ran.stdout}\n${ran.stderr}`);
  const now = await stage.uids();
  assert.deepEqual(Object.keys(now), Object.keys(was.uids));
  assert.ok(Object.keys(now).every((pod) => now[pod] !== was.uids[pod]));
  assert.deepEqual(new Set(Object.values(await stage.images())), new Set([NEW_IMAGE]));
  assert.deepEqual(await stage.annotations(), was.annotations);
  assert.deepEqual((await traffic.stop()).lost, []);
});
