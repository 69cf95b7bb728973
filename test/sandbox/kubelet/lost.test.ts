/** A node that is lost: its pods do not end until it is back. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NODES, PODS } from '../../../lib/ports/resources.ts';
import { NODE_FAULT_ANNOTATION } from '../../../sandbox/common/pod-behaviour.ts';
import { nodeOf } from '../../../sandbox/kubelet/start-nodes.ts';
import type { FakeKube } from '../../fakes/api/kube.ts';
import { addressOf, dial, get, podObject, podOf, startRig, until, untilReady } from './harness.ts';

const setFault = (kube: FakeKube, fault: string | undefined) =>
  kube.edit(NODES, 'sandbox-node', ({ metadata }) => {
    metadata.annotations = fault === undefined ? {} : { [NODE_FAULT_ANNOTATION]: fault };
  });

test('on a lost node connections are cut, new ones refused, and a deleted pod stays terminating', async (t) => {
  const { kube, kubelet } = await startRig(t, [podObject()]);
  const address = addressOf(await untilReady(kube));
  const client = await dial(t, address);
  setFault(kube, 'lost');
  await client.ended;
  await until(() => kubelet.isLost());
  await assert.rejects(dial(t, address), { code: 'ECONNREFUSED' });
  await kube.delete(PODS, 'nginx-0', { uid: undefined, gracePeriodSeconds: 0.01 });
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.ok(podOf(kube)?.metadata.deletionTimestamp);
});

test('a lost node sends no heartbeat', async (t) => {
  const { kube, kubelet } = await startRig(t, [], { sleep: () => new Promise((resolve) => setTimeout(resolve, 5)) });
  const beats = () => kube.writes.filter(({ resource }) => resource === 'nodes').length;
  setFault(kube, 'lost');
  await until(() => kubelet.isLost());
  await new Promise((resolve) => setTimeout(resolve, 20));
  const then = beats();
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(beats(), then);
});

test('when the node is back it ends what was deleted, and runs the others again', async (t) => {
  const { kube, kubelet } = await startRig(t, [podObject(), podObject({ name: 'nginx-1' })]);
  await untilReady(kube);
  await untilReady(kube, 'nginx-1');
  setFault(kube, 'lost');
  await until(() => kubelet.isLost());
  await kube.delete(PODS, 'nginx-0', { uid: undefined });
  setFault(kube, undefined);
  await until(() => podOf(kube) === undefined);
  const address = addressOf(await untilReady(kube, 'nginx-1'));
  assert.match(await get(t, address, '/'), /^HTTP\/1\.1 200/);
});

test('neighbours of a StatefulSet go to different nodes, and a pod goes to one that is left', () => {
  const names = ['a', 'b', 'c'];
  const on = (name: string, nodes = names) => nodeOf(podObject({ name }), nodes);
  assert.deepEqual([on('nginx-0'), on('nginx-1'), on('nginx-2'), on('nginx-3')], ['a', 'b', 'c', 'a']);
  assert.ok(names.includes(on('single') ?? ''));
  assert.equal(on('nginx-1', ['c']), 'c');
  assert.equal(on('nginx-1', []), undefined);
});
