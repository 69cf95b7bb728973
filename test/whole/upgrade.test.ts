/**
 * The guide's ten pods, forward and back, one by one and four at a time, by the generated script and by `upgrade`, in batches and
 * by the window, each under live traffic. It takes minutes, so it is not part of `make test`: `make whole`.
 */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { E2eCluster } from '../e2e/cluster/cluster.ts';
import { startE2eCluster } from '../e2e/cluster/start-cluster.ts';
import { startProgram } from '../e2e/stage/plugin.ts';
import { FAST, NEW_IMAGE, openStage, type Stage } from '../e2e/stage/stage.ts';

const OLD_IMAGE = 'nginx:1.25.3';
const MINUTES_20 = 20 * 60_000;
let cluster: E2eCluster;
before(async () => {
  cluster = await startE2eCluster();
});
after(() => cluster.stop());

type Way = (stage: Stage, image: string, count: number) => Promise<void>;

const byScript: Way = async (stage, image, batch) => {
  const wish = ['--image', `nginx=${image}`, '--batch', String(batch), '--surge', String(batch)];
  const script = await stage.run(['plan', 'nginx', ...wish, ...FAST, '-o', 'sh']);
  assert.equal(script.code, 0, script.stderr);
  const file = join(stage.home, `upgrade-${batch}.sh`);
  await writeFile(file, script.stdout);
  const ran = await startProgram('bash', [file], stage.env, MINUTES_20).ended;
  assert.equal(ran.code, 0, ran.stderr);
};

const byUpgrade: Way = async (stage, image, batch) => {
  const wish = ['--image', `nginx=${image}`, '--batch', String(batch), '--surge', String(batch), '--yes'];
  const ran = await stage.run(['upgrade', 'nginx', ...wish, ...FAST], { timeoutMs: MINUTES_20 });
  assert.equal(ran.code, 0, ran.stderr);
};

const byWindow: Way = async (stage, image, count) => {
  const wish = ['--image', `nginx=${image}`, '--max-unavailable', String(count), '--surge', '1', '--yes'];
  const ran = await stage.run(['upgrade', 'nginx', ...wish, ...FAST], { timeoutMs: MINUTES_20 });
  assert.equal(ran.code, 0, ran.stderr);
};

describe('the whole upgrade under traffic loses nothing', () => {
  for (const [name, way] of [
    ['the generated script, in batches', byScript],
    ['upgrade, in batches', byUpgrade],
    ['upgrade, by a window', byWindow],
  ] as const) {
    for (const count of [1, 4]) {
      test(`${name} of ${count}, forward and back, surplus pods included`, {
        timeout: 2 * MINUTES_20,
      }, async (t) => {
        const stage = await openStage(t, cluster, { replicas: 10 });
        const before = { annotations: await stage.annotations(), pods: await stage.uids() };
        const traffic = await stage.traffic();
        for (const image of [NEW_IMAGE, OLD_IMAGE]) {
          const was = await stage.uids();
          await way(stage, image, count);
          const now = await stage.uids();
          assert.deepEqual(Object.keys(now).sort(), Object.keys(before.pods).sort(), 'the surplus is gone again');
          assert.ok(
            Object.keys(was).every((pod) => now[pod] !== was[pod]),
            'every pod was replaced',
          );
          assert.deepEqual(new Set(Object.values(await stage.images())), new Set([image]));
          assert.deepEqual(await stage.annotations(), before.annotations);
        }
        const report = await traffic.stop();
        assert.deepEqual(report.lost, []);
        assert.ok(
          report.connections > 1000 && report.streams > 10,
          `${report.connections} connections, ${report.streams} streams`,
        );
        t.diagnostic(`${report.connections} connections, ${report.streams} long streams, 0 lost`);
      });
    }
  }
});
