/** Listeners that are more than one port: two protocols, two listeners on one target port, and clients that use another port inside the cluster. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { E2eCluster } from '../cluster/cluster.ts';
import { closeCluster, openCluster } from '../cluster/shared-cluster.ts';
import { FAST } from '../stage/stage.ts';
import { connectInside } from '../stage/trouble/hold.ts';
import { checked, objectsOf, openCase, refused, setImage } from './case.ts';

let cluster: E2eCluster;
before(async () => {
  cluster = await openCluster();
});
after(closeCluster);

for (const [manifest, target, port, asks] of [
  ['03-two-protocols', 'relay', 7000, true],
  ['03-two-ports', 'sip', 5060, false],
] as const)
  test(`03: TCP and UDP on one port, ${asks ? 'asked for by annotation' : 'as two Service ports'}: both are drained and counted`, async (t) => {
    const stage = await openCase(t, cluster, manifest);
    assert.equal(/specify-protocol: /.test(await checked(stage, target)), asks);
    const drained = await stage.ok('drain', target, '0');
    assert.ok(drained.stdout.includes(`drained (ordinal 0 on TCP/${port}, UDP/${port})`), drained.stdout);
    const zero = await stage.ok('wait-zero', target, ...FAST);
    for (const protocol of ['TCP', 'UDP']) assert.ok(zero.stderr.includes(`${target}-0 ${protocol}/${port} clb: zero`));
    await stage.ok('restore', target);
  });

test('04: HTTP and HTTPS listeners with hosts on one named port go the whole way', async (t) => {
  const stage = await openCase(t, cluster, '04-two-listeners-one-target');
  const target = 'edge-controller';
  assert.match(await checked(stage, target), /specify-protocol: /);
  const uids = await stage.uids();
  const set = (await objectsOf('04-two-listeners-one-target')).find(({ kind }) => kind === 'StatefulSet');
  await setImage(stage, set ?? assert.fail(), 'example/edge:2');
  await stage.ok('drain', target, '0');
  await stage.ok('wait-zero', target, ...FAST);
  await stage.ok('recreate', target, ...FAST);
  await stage.ok('advance', target);
  const now = await stage.uids();
  assert.deepEqual(
    Object.keys(uids).filter((name) => uids[name] !== now[name]),
    ['edge-controller-0'],
  );
  await stage.ok('restore', target);
});

test('24: a client of the ClusterIP Service on another port is named, counted and not cut', async (t) => {
  const stage = await openCase(t, cluster, '24-inside-clients');
  assert.match(
    await checked(stage, 'rabbit'),
    /inside-service: service\/rabbit \(ClusterIP, TCP\/5672\) .*no weight stops/,
  );
  const client = await connectInside(t, stage, 'rabbit-0', 5672);
  const uids = await stage.uids();
  await stage.ok('drain', 'rabbit', '0');
  const set = (await objectsOf('24-inside-clients')).find(({ kind }) => kind === 'StatefulSet');
  await setImage(stage, set ?? assert.fail(), 'example/rabbit:2');
  await refused(stage, 'no-inside-client', 'recreate', 'rabbit', ...FAST);
  assert.deepEqual([client.lost, await stage.uids()], [false, uids]);
  client.release();
  await stage.ok('restore', 'rabbit');
});
