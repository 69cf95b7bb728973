/** StatefulSets as people have them: other kinds of that name, one replica, ordinals from 5, names too long for a pod, replacements that never start. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { text } from '../../../lib/core/values/read.ts';
import type { E2eCluster } from '../cluster/cluster.ts';
import { closeCluster, openCluster } from '../cluster/shared-cluster.ts';
import { FAST } from '../stage/stage.ts';
import { checked, openCase, refused } from './case.ts';

let cluster: E2eCluster;
before(async () => {
  cluster = await openCluster();
});
after(closeCluster);

test('07 and 13: another kind is named as a type that no verb works on; a pod of the same revision is not called recreated', async (t) => {
  const stage = await openCase(t, cluster, '13-same-revision');
  for (const words of [
    ['status', 'asts/gateway'],
    ['status', 'statefulsets.apps.kruise.io/gateway'],
    ['status', 'gss/gateway'],
    ['status', 'tapp/gateway'],
    ['drain', 'asts', 'gateway', '0'],
    ['drain', 'asts', 'x', '0'],
    ['drain', 'statefulset.apps.kruise.io', 'gateway', '0'],
  ]) {
    const { code, stderr } = await stage.run(words);
    assert.equal(code, 2, stderr);
    assert.match(
      stderr,
      /^error: "(asts|statefulsets?\.apps\.kruise\.io|gss|tapp)" is not a type this command works on$/m,
    );
  }

  const uids = await stage.uids();
  const drained = await stage.ok('drain', 'vaultish', '0');
  const words =
    /vaultish-0 \(made \S+Z\) .*recreate replaces outdated pods only.*kubectl zeroloss upgrade vaultish --restart/;
  assert.match(drained.stderr, words);
  const { code, stdout, stderr } = await stage.run(['recreate', 'vaultish', ...FAST]);
  assert.equal(code, 0, stderr);
  assert.doesNotMatch(stdout, /already recreated/);
  assert.match(stdout + stderr, /kubectl zeroloss upgrade vaultish --restart/);
  assert.deepEqual(await stage.uids(), uids);
  await stage.ok('restore', 'vaultish');
});

test('10: a sidecar that crashes ends the wait at once, with the way back', async (t) => {
  const stage = await openCase(t, cluster, '10-sidecar');
  const words = ['upgrade', 'box', '--image', 'tls=example/tls:crash-loop', '--yes', ...FAST];
  const { code, stderr } = await stage.run(words);
  assert.equal(code, 7, stderr);
  assert.match(stderr, /pod\/box-\d does not start: container tls is in CrashLoopBackOff/);
  assert.match(stderr, /to go back: kubectl zeroloss rollback box/);
});

test('10: an init container that crashes ends upgrade and recreate at once, and the way back works as printed', async (t) => {
  const stage = await openCase(t, cluster, '10-sidecar', { as: '10-init' });
  const stuck = /pod\/box-0 does not start: container keys is in CrashLoopBackOff/;
  const back = /to go back: kubectl zeroloss rollback box/;
  const beganMs = Date.now();
  const upgraded = await stage.run(['upgrade', 'box', '--image', 'keys=example/keys:crash-loop', '--yes', ...FAST]);
  assert.equal(upgraded.code, 7, upgraded.stderr);
  assert.match(upgraded.stderr, stuck);
  assert.match(upgraded.stderr, back);
  const recreated = await stage.run(['recreate', 'box', ...FAST]);
  assert.equal(recreated.code, 7, recreated.stderr);
  assert.match(recreated.stderr, stuck);
  assert.match(recreated.stderr, back);
  assert.ok(Date.now() - beganMs < 60_000, 'neither waited for its time-out');
  const status = await stage.ok('status', 'box');
  assert.match(status.stdout, /^box-0 .* 0\/2 .* Init:CrashLoopBackOff/m);
  assert.match(status.stderr, /next: kubectl .*describe pod box-0 .*\n.*next: kubectl zeroloss rollback box/);
  const last = await refused(stage, 'batch-ready', 'advance', 'box');
  assert.match(last, /pod\/box-0 of this batch does not start: container keys is in CrashLoopBackOff/);

  await stage.ok('rollback', 'box');
  await stage.ok('recreate', 'box', ...FAST);
  await stage.ok('restore', 'box');
  assert.deepEqual(
    (await stage.pods()).map((pod) => text(pod, 'spec', 'initContainers', 0, 'image')),
    ['example/keys:1', 'example/keys:1'],
  );
  assert.equal(await stage.weights('box'), undefined);
});

test('17: one replica: drain is refused by the floor, upgrade with a surge replaces it', async (t) => {
  const stage = await openCase(t, cluster, '17-singleton');
  const uids = await stage.uids();
  await refused(stage, 'floor', 'drain', 'solo', '0');
  await stage.ok('upgrade', 'solo', '--image', 'solo=example/solo:2', '--surge', '1', '--yes', ...FAST);
  const now = await stage.uids();
  assert.deepEqual(Object.keys(now), ['solo-0']);
  assert.notEqual(now['solo-0'], uids['solo-0']);
});

test('18: no pod can be made of a name that long: nothing is claimed of it, and its StatefulSet’s events are the cure', async (t) => {
  const stage = await openCase(t, cluster, '18-long-name', { replicas: 0 });
  const target = 'a-very-long-name-of-a-gateway-in-production-52chars-x';
  const said = await checked(stage, target);
  assert.match(said, /pods-exist: [^\n]* do not exist\n +cure:\s+kubectl .*describe statefulset a-very-long/);
  const drained = await stage.ok('drain', target, '0', '--min-serving', '0');
  assert.match(drained.stderr, new RegExp(`${target}-0 does not exist: the load balancer has nothing to show`));
  assert.doesNotMatch(drained.stderr, /shows weight 0/);
  const { code, stderr } = await stage.run(['recreate', target, ...FAST, '--timeout', '3s']);
  assert.equal(code, 6, stderr);
  assert.match(stderr, /^waiting: the controller has not yet seen the newest spec/m);
  assert.match(stderr, /^hint: kubectl .*describe statefulset a-very-long/m);
  await stage.ok('restore', target);
});

test('19: ordinals that start at 5 are warned of, and counted from 5', async (t) => {
  const stage = await openCase(t, cluster, '19-ordinals-start');
  assert.match(await checked(stage, 'shard'), /ordinals-start: ordinals start at 5/);
  assert.match(await refused(stage, 'ordinals-exist', 'drain', 'shard', '0'), /it has 5-7/);
  await stage.ok('drain', 'shard', '5');
  assert.match((await stage.weights('shard')) ?? '', /"podIndexes":\[5\]/);
  const surged = await stage.ok('surge', 'shard', '1');
  assert.match(surged.stdout, /surplus ordinal 8/);
});
