/** Which Services lead to which pods: by labels that pods get at run time, by their names, past every Service, or on an operator's behalf. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { PODS } from '../../../lib/ports/resources.ts';
import type { E2eCluster } from '../cluster/cluster.ts';
import { closeCluster, openCluster } from '../cluster/shared-cluster.ts';
import { FAST } from '../stage/stage.ts';
import { holdConnection } from '../stage/trouble/hold.ts';
import { addObjects, checked, objectsOf, openCase, refused, setImage } from './case.ts';

let cluster: E2eCluster;
before(async () => {
  cluster = await openCluster();
});
after(closeCluster);

test('01: a Service that selects the leader by a label of run time is found, named with that label, and drained with its pod only', async (t) => {
  const stage = await openCase(t, cluster, '01-active-pod');
  for (const ordinal of [0, 1, 2])
    await stage.patch(
      `secretbox-${ordinal}`,
      { metadata: { labels: { 'secretbox-active': String(ordinal === 1) } } },
      PODS,
    );
  await stage.until('the leader is bound', async () =>
    /^secretbox-1 +10 +10 /m.test((await stage.run(['status', 'secretbox'])).stdout),
  );
  const said = await checked(stage, 'secretbox');
  assert.match(said, /selected-by-label: service\/secretbox-active selects secretbox-1 \(by secretbox-active=true\)/);
  assert.match(said, /inside-service: service\/secretbox-internal \(headless, TCP\/8200\)/);
  const alone = await refused(stage, 'alone', 'drain', 'secretbox', '1');
  assert.match(alone, /service\/secretbox-active selects secretbox-1 .* alone[\s\S]*--allow-alone secretbox-active/);
  const drained = await stage.ok('drain', 'secretbox', '1', '--allow-alone', 'secretbox-active');
  assert.match(drained.stdout, /service\/secretbox-active drained \(ordinal 1 on TCP\/8200, TCP\/8201\)/);
  await stage.ok('restore', 'secretbox');
});

test('02: Services per pod beside one for all: a connection by either holds the pod, with a cloud key that may not look for other listeners too', async (t) => {
  const stage = await openCase(t, cluster, '02-service-per-pod');
  await addObjects(cluster.kube, stage.namespace, await objectsOf('02-bootstrap'));
  await stage.settled(3);
  // The health checks of the Service that came later take a moment longer.
  await checked(stage, 'log');
  t.after(cluster.cloud.misbehave({ kind: 'unauthorized', action: 'DescribeLBListeners' }));
  const uids = await stage.uids();
  const client = await holdConnection(t, stage, 'log-0', 'log-0-external', 9094);

  const alone = await refused(stage, 'alone', 'drain', 'log', '0');
  assert.match(alone, /service\/log-0-external selects log-0 \(by statefulset\.kubernetes\.io\/pod-name=log-0\) alone/);
  const drained = await stage.ok('drain', 'log', '0', '--allow-alone', 'log-0-external');
  assert.match(drained.stdout, /service\/log-0-external drained/);
  assert.match(drained.stdout, /service\/log-bootstrap drained/);
  const zero = ['wait-zero', 'log', ...FAST, '--source', 'clb', '--ignore-port', 'broker'];
  assert.equal((await stage.run([...zero, '--timeout', '8s'])).code, 6);
  const set = (await objectsOf('02-service-per-pod')).find(({ kind }) => kind === 'StatefulSet');
  await setImage(stage, set ?? assert.fail(), 'example/log:3.7');
  await refused(stage, 'at-zero', 'recreate', 'log', ...FAST, '--source', 'clb', '--ignore-port', 'broker');
  assert.deepEqual([client.lost, await stage.uids()], [false, uids]);
  client.release();
  await stage.ok('restore', 'log');
});

test('09: pods with a listener each from a port pool are named by check', async (t) => {
  const stage = await openCase(t, cluster, '09-port-pool');
  const said = await checked(stage, 'room');
  assert.match(said, /listener-per-pod: room-0, room-1, room-2 have a listener per pod .*enable-clb-port-mapping/);
});

test('26: the operator that owns the Service is named beside the one that owns the StatefulSet', async (t) => {
  const stage = await openCase(t, cluster, '26-owned-service');
  const said = await checked(stage, 'broker-core');
  assert.match(said, /owned-by-controller: statefulset\/broker-core belongs to Broker\/broker/);
  assert.match(said, /owned-by-controller: service\/broker-listeners belongs to Broker\/broker/);
});
