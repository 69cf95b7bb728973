import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HOST_PORTS_ANNOTATION } from '../../../sandbox/common/pod-behaviour.ts';
import { addressOf, get, podObject, startRig, untilReady } from './harness.ts';

test('a pod known by an address outside loopback says where it really listens', async (t) => {
  const { kube } = await startRig(t, [podObject()], { publicPrefix: '10.77.' });
  const pod = await untilReady(kube);
  const address = addressOf(pod);
  assert.match(address, /^10\.77\.\d+\.\d+$/);
  const real = address.replace(/^10\./, '127.');
  const hostPorts = pod.metadata.annotations?.[HOST_PORTS_ANNOTATION] ?? '';
  assert.deepEqual(JSON.parse(hostPorts), { '8080': `${real}:8080` });
  assert.match(await get(t, real, '/'), /nginx-0/);
});
