/** The sliding window by a real process, under live traffic. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { E2eCluster } from '../cluster/cluster.ts';
import { closeCluster, openCluster } from '../cluster/shared-cluster.ts';
import { FAST, NEW_IMAGE, openStage } from '../stage/stage.ts';

let cluster: E2eCluster;
before(async () => {
  cluster = await openCluster();
});
after(closeCluster);

describe('an upgrade by a window, under live traffic', { concurrency: true }, () => {
  test('takes every pod through and loses no connection', async (t) => {
    const stage = await openStage(t, cluster, { replicas: 5 });
    const before = await stage.uids();
    const traffic = await stage.traffic();
    const window = ['--max-unavailable', '2', '--image', `nginx=${NEW_IMAGE}`, '--yes', ...FAST];
    const { stderr } = await stage.ok('upgrade', 'nginx', ...window);
    assert.match(stderr, /ordinals 0,1: drained .*0 of 5 done, 2 in the window/);
    const report = await traffic.stop();
    assert.deepEqual(report.lost, []);
    assert.ok(report.connections > 100, `${report.connections} connections`);
    const now = await stage.uids();
    assert.deepEqual(Object.keys(now), Object.keys(before));
    for (const [name, uid] of Object.entries(now)) assert.notEqual(uid, before[name], `${name} was replaced`);
    const again = await stage.ok('upgrade', 'nginx', ...window);
    assert.match(again.stdout, /already upgraded/);
  });

  test('is no batch: both flags together are a usage error', async (t) => {
    const stage = await openStage(t, cluster, { replicas: 2 });
    const both = await stage.run(['upgrade', 'nginx', '--batch', '2', '--max-unavailable', '2', '--yes']);
    assert.equal(both.code, 2);
    assert.equal(both.stdout, '');
    assert.match(both.stderr, /--batch and --max-unavailable are two ways/);
  });
});
