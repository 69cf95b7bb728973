/** The sliding window by a real process, under live traffic. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { E2eCluster } from '../cluster/cluster.ts';
import { closeCluster, openCluster } from '../cluster/shared-cluster.ts';
import { FAST, NEW_IMAGE, openStage } from '../stage/stage.ts';

const OLD_IMAGE = 'nginx:1.25.3';
const MINUTES_5 = 5 * 60_000;
let cluster: E2eCluster;
before(async () => {
  cluster = await openCluster();
});
after(closeCluster);

describe('an upgrade by a window, under live traffic', { concurrency: true }, () => {
  test('takes ten pods forward and back, and loses no connection', async (t) => {
    const stage = await openStage(t, cluster, { replicas: 10 });
    const before = await stage.annotations();
    const traffic = await stage.traffic();
    for (const image of [NEW_IMAGE, OLD_IMAGE]) {
      const was = await stage.uids();
      const window = ['--max-unavailable', '4', '--image', `nginx=${image}`, '--yes', ...FAST];
      const { code, stderr } = await stage.run(['upgrade', 'nginx', ...window], { timeoutMs: MINUTES_5 });
      assert.equal(code, 0, stderr);
      assert.match(stderr, /ordinals 0-3: drained .*0 of 10 done, 4 in the window/);
      const now = await stage.uids();
      assert.deepEqual(Object.keys(now), Object.keys(was));
      for (const [name, uid] of Object.entries(now)) assert.notEqual(uid, was[name], `${name} was replaced`);
      assert.deepEqual(new Set(Object.values(await stage.images())), new Set([image]));
      assert.deepEqual(await stage.annotations(), before);
      const again = await stage.ok('upgrade', 'nginx', ...window);
      assert.match(again.stdout, /already upgraded/);
    }
    const report = await traffic.stop();
    assert.deepEqual(report.lost, []);
    assert.ok(report.connections > 200, `${report.connections} connections`);
  });

  test('is no batch: both flags together are a usage error', async (t) => {
    const stage = await openStage(t, cluster, { replicas: 2 });
    const both = await stage.run(['upgrade', 'nginx', '--batch', '2', '--max-unavailable', '2', '--yes']);
    assert.equal(both.code, 2);
    assert.equal(both.stdout, '');
    assert.match(both.stderr, /--batch and --max-unavailable are two ways/);
  });
});
