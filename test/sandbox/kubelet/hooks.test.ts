import assert from 'node:assert/strict';
import { test } from 'node:test';
import { number, text } from '../../../lib/core/values/read.ts';
import { EVENTS, PODS } from '../../../lib/ports/resources.ts';
import type { FakeKube } from '../../fakes/api/kube.ts';
import { addressOf, containerOf, dial, isReady, podObject, podOf, startRig, until, untilReady } from './harness.ts';

const reasons = (kube: FakeKube): (string | undefined)[] => kube.objects(EVENTS).map((event) => text(event, 'reason'));
const remove = (kube: FakeKube, gracePeriodSeconds = 30) =>
  kube.delete(PODS, 'nginx-0', { uid: undefined, gracePeriodSeconds });
const isGone = (kube: FakeKube) => until(() => podOf(kube) === undefined);
const lifecycle = (preStop: object) => ({ container: { lifecycle: { preStop } } });
const probe = (path: string, more: object = {}) => ({ httpGet: { path, port: 8080 }, periodSeconds: 0.02, ...more });

test('an exec preStop hook in an image without programs fails at once, with an event, and the pod ends', async (t) => {
  const pod = podObject({
    container: { image: 'distroless/app:1', lifecycle: { preStop: { exec: { command: ['sleep', '600'] } } } },
  });
  const { kube } = await startRig(t, [pod]);
  await untilReady(kube);
  await remove(kube);
  await isGone(kube);
  assert.ok(reasons(kube).includes('FailedPreStopHook'));
});

test('an httpGet preStop hook is a request to the pod, and a port without a listener fails it', async (t) => {
  const good = await startRig(t, [podObject(lifecycle({ httpGet: { path: '/healthz', port: 8080 } }))]);
  await untilReady(good.kube);
  await remove(good.kube);
  await isGone(good.kube);
  assert.ok(!reasons(good.kube).includes('FailedPreStopHook'));
  const bad = await startRig(t, [podObject(lifecycle({ httpGet: { path: '/', port: 8081 } }))]);
  await untilReady(bad.kube);
  await remove(bad.kube);
  await isGone(bad.kube);
  assert.ok(reasons(bad.kube).includes('FailedPreStopHook'));
});

test('a preStop hook longer than the grace period is cut off, and the program has two more seconds to end', async (t) => {
  const slept: number[] = [];
  const annotations = { 'sandbox.kubectl-zeroloss/on-terminate': 'graceful' };
  const sleep = async (ms: number, signal?: AbortSignal) => {
    slept.push(ms);
    // The grace period passes at once; the hook, and what comes after it, would last.
    if (ms <= 1_000) return;
    await new Promise<void>((_, reject) => signal?.addEventListener('abort', () => reject(new Error('aborted'))));
  };
  const pod = podObject({ annotations, ...lifecycle({ sleep: { seconds: 20 } }) });
  const { kube } = await startRig(t, [pod], { sleep });
  const client = await dial(t, addressOf(await untilReady(kube)));
  client.send('/stream?ms=300', 'Connection: close\r\n');
  await until(() => client.received().includes('tick 1'));
  await remove(kube, 1);
  // The stream of 300 ms ends whole: SIGTERM was not SIGKILL.
  assert.equal(await client.ended, 'end');
  await isGone(kube);
  assert.deepEqual(
    slept.filter((ms) => ms === 20_000 || ms === 2_000),
    [20_000, 2_000],
  );
});

test('a program that ignores SIGTERM serves on until it is killed', async (t) => {
  const annotations = { 'sandbox.kubectl-zeroloss/on-terminate': 'ignore' };
  const { kube } = await startRig(t, [podObject({ annotations })]);
  const address = addressOf(await untilReady(kube));
  await remove(kube, 1);
  await until(() => podOf(kube)?.metadata.deletionTimestamp);
  const late = await dial(t, address);
  late.send('/', 'Connection: close\r\n');
  assert.equal(await late.ended, 'end');
  await isGone(kube);
});

test('a container whose liveness probe fails is restarted, and one that is slow to start too, unless a startup probe waits for it', async (t) => {
  const annotations = { 'sandbox.kubectl-zeroloss/ready-after': '300ms' };
  const eager = podObject({ annotations, container: { livenessProbe: probe('/healthz', { failureThreshold: 2 }) } });
  const { kube } = await startRig(t, [eager]);
  await until(() => (number(containerOf(podOf(kube)), 'restartCount') ?? 0) > 0);
  assert.ok(reasons(kube).includes('Killing'));
  const patient = await startRig(t, [
    podObject({
      annotations,
      container: {
        livenessProbe: probe('/healthz', { failureThreshold: 2 }),
        startupProbe: probe('/healthz', { failureThreshold: 200 }),
      },
    }),
  ]);
  await until(() => podOf(patient.kube)?.['status'] && containerOf(podOf(patient.kube)));
  assert.equal(isReady(podOf(patient.kube)), false);
  await untilReady(patient.kube);
  assert.equal(number(containerOf(podOf(patient.kube)), 'restartCount'), 0);
});

test('a slow request is answered after its time, a session is asked to move, and an image may answer errors that no probe sees', async (t) => {
  const annotations = { 'sandbox.kubectl-zeroloss/on-terminate': 'graceful' };
  const { kube } = await startRig(t, [
    podObject({ annotations, container: { readinessProbe: probe('/readyz') } }),
    podObject({ name: 'bad-0', container: { image: 'nginx:error-answers', readinessProbe: probe('/readyz') } }),
  ]);
  const bad = await dial(t, addressOf(await untilReady(kube, 'bad-0')));
  bad.send('/', 'Connection: close\r\n');
  assert.equal(await bad.ended, 'end');
  assert.match(bad.received(), /^HTTP\/1\.1 500 /);
  const address = addressOf(await untilReady(kube));
  const [slow, session] = [await dial(t, address), await dial(t, address)];
  const askedAtMs = Date.now();
  slow.send('/sleep?ms=200', 'Connection: close\r\n');
  session.send('/session?ms=600', 'Connection: close\r\n');
  assert.equal(await slow.ended, 'end');
  assert.match(slow.received(), /^HTTP\/1\.1 200 /);
  assert.ok(Date.now() - askedAtMs >= 190);
  await until(() => session.received().includes('tick 1'));
  await remove(kube);
  await until(() => session.received().includes('move '));
});

test('without a readiness probe a container counts as ready before its program listens', async (t) => {
  const annotations = { 'sandbox.kubectl-zeroloss/listen-after': '400ms' };
  const { kube } = await startRig(t, [podObject({ annotations })]);
  const pod = await untilReady(kube);
  const early = await dial(t, addressOf(pod)).catch(() => undefined);
  assert.equal(early === undefined ? 'refused' : await early.ended, early === undefined ? 'refused' : 'ECONNREFUSED');
});
