import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { planPod } from '../../../../sandbox/kubelet/pod/pod-plan.ts';
import { watchHealth } from '../../../../sandbox/kubelet/probe/health.ts';
import { podObject } from '../harness.ts';

test('readiness comes and goes by the thresholds of the probe', async () => {
  const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const readinessProbe = { tcpSocket: { port }, successThreshold: 2, failureThreshold: 3, initialDelaySeconds: 4 };
  const [plan] = planPod(podObject({ container: { readinessProbe } }), () => {}).containers;
  assert.ok(plan?.readiness);
  const end = new AbortController();
  const story: (string | number)[] = [];
  const sleep = async (ms: number) => {
    story.push(ms);
    const sleeps = story.filter((entry) => typeof entry === 'number').length;
    if (sleeps === 3) await new Promise((resolve) => server.close(resolve));
    if (sleeps < 6) return;
    end.abort();
    throw new Error('aborted');
  };
  const setReady = (ready: boolean) => story.push(ready ? 'ready' : 'not ready');
  const host = { address: '127.0.0.1', sleep, event: () => {} };
  const report = { started: () => undefined, ready: setReady, unhealthy: () => undefined };
  await watchHealth(plan, { server: undefined }, host, report, end.signal);
  assert.deepEqual(story, [4_000, 10_000, 'ready', 10_000, 10_000, 10_000, 'not ready', 10_000]);
});
