import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConnectionError } from '../../../lib/core/errors.ts';
import { number, text } from '../../../lib/core/values/read.ts';
import { PODS } from '../../../lib/ports/resources.ts';
import type { KubeObject } from '../../../lib/ports.ts';
import type { FakeKube } from '../../fakes/api/kube.ts';
import { addressOf, containerOf, dial, dialSoon, podObject, podOf, startRig, until, untilReady } from './harness.ts';

const GRACEFUL = { annotations: { 'sandbox.kubectl-zeroloss/on-terminate': 'graceful' } };
const isGone = (kube: FakeKube) => until(() => podOf(kube) === undefined);
const remove = (kube: FakeKube, gracePeriodSeconds = 30) =>
  kube.delete(PODS, 'nginx-0', { uid: undefined, gracePeriodSeconds });

/** The last status written to the pod. */
function lastStatus(kube: FakeKube): unknown {
  const write = kube.calls.findLast(
    (call) => call.verb === 'patch' && call.subresource === 'status' && call.resource === 'pods',
  );
  return write?.body;
}

test('an ungraceful pod cuts what is open with a RST as soon as it has to stop', async (t) => {
  const { kube } = await startRig(t, [podObject()]);
  const client = await dial(t, addressOf(await untilReady(kube)));
  client.send('/stream?ms=60000');
  await until(() => client.received().includes('tick 1'));
  await remove(kube);
  assert.equal(await client.ended, 'ECONNRESET');
  await isGone(kube);
});

test('a graceful pod refuses new connections at once, finishes what is open and closes what is idle', async (t) => {
  const { kube } = await startRig(t, [podObject(GRACEFUL)]);
  const address = addressOf(await untilReady(kube));
  const [idle, streaming, silent] = await Promise.all([dial(t, address), dial(t, address), dial(t, address)]);
  idle.send('/');
  streaming.send('/stream?ms=400');
  await until(() => idle.received().endsWith('\n') && streaming.received().includes('tick 1'));
  await remove(kube);
  assert.equal(await idle.ended, 'end');
  await assert.rejects(dial(t, address), { code: 'ECONNREFUSED' });
  silent.send('/');
  await Promise.all([silent.ended, streaming.ended]);
  assert.match(silent.received(), /^HTTP\/1\.1 200 .*connection: close/s);
  assert.match(streaming.received(), /\r\n0\r\n\r\n$/);
  await isGone(kube);
  assert.equal(text(lastStatus(kube), 'status', 'phase'), 'Succeeded');
  assert.equal(number(lastStatus(kube), 'status', 'containerStatuses', 0, 'state', 'terminated', 'exitCode'), 0);
});

test('a request that is being answered when the pod has to stop is the last of its connection', async (t) => {
  const { kube } = await startRig(t, [podObject(GRACEFUL)]);
  const client = await dial(t, addressOf(await untilReady(kube)));
  client.send('/stream?ms=300');
  await until(() => client.received().includes('tick 1'));
  await remove(kube);
  assert.equal(await client.ended, 'end');
  assert.match(client.received(), /\r\n0\r\n\r\n$/);
});

test('a process that outlasts the grace period is cut, and the container counts as killed', async (t) => {
  const { kube } = await startRig(t, [podObject(GRACEFUL)]);
  const client = await dial(t, addressOf(await untilReady(kube)));
  client.send('/stream?ms=60000');
  await until(() => client.received().includes('tick 1'));
  await remove(kube, 1);
  assert.equal(await client.ended, 'ECONNRESET');
  await isGone(kube);
  assert.equal(text(lastStatus(kube), 'status', 'phase'), 'Failed');
  assert.equal(number(lastStatus(kube), 'status', 'containerStatuses', 0, 'state', 'terminated', 'exitCode'), 137);
});

test('a second delete with a shorter grace period shortens the first', async (t) => {
  const { kube } = await startRig(t, [podObject({ ...GRACEFUL, annotations: GRACEFUL.annotations })]);
  const client = await dial(t, addressOf(await untilReady(kube)));
  client.send('/stream?ms=60000');
  await until(() => client.received().includes('tick 1'));
  await remove(kube, 3_600);
  await until(() => podOf(kube)?.metadata.deletionTimestamp);
  await remove(kube, 1);
  assert.equal(await client.ended, 'ECONNRESET');
  await isGone(kube);
});

test('during a preStop sleep the pod goes on serving new connections', async (t) => {
  const slept: number[] = [];
  const woken = Promise.withResolvers<void>();
  const sleep = async (ms: number, signal?: AbortSignal) => {
    if (ms !== 7_000)
      return new Promise<void>((_, reject) => signal?.addEventListener('abort', () => reject(new Error('aborted'))));
    slept.push(ms);
    await woken.promise;
  };
  const patient = (ms: number, signal?: AbortSignal) => (ms === 0 ? Promise.resolve() : sleep(ms, signal));
  const pod = podObject({ ...GRACEFUL, container: { lifecycle: { preStop: { sleep: { seconds: 7 } } } } });
  const { kube } = await startRig(t, [pod], { sleep: patient });
  const address = addressOf(await untilReady(kube));
  await remove(kube);
  await until(() => slept.length > 0);
  const late = await dial(t, address);
  late.send('/', 'Connection: close\r\n');
  assert.equal(await late.ended, 'end');
  assert.match(late.received(), /^HTTP\/1\.1 200 /);
  woken.resolve();
  await isGone(kube);
});

test('the final delete carries grace 0 and the uid of the very pod', async (t) => {
  const { kube } = await startRig(t, [podObject()]);
  const { uid } = (await untilReady(kube)).metadata;
  await remove(kube);
  await isGone(kube);
  const last = kube.calls.findLast((call) => call.verb === 'delete');
  assert.deepEqual(last?.body, { namespace: 'default', uid, gracePeriodSeconds: 0 });
});

test('a delete that fails is tried again', async (t) => {
  const { kube } = await startRig(t, [podObject()]);
  await untilReady(kube);
  kube.failNext({ verb: 'delete', resource: 'pods' }, new ConnectionError('no route'));
  kube.edit(PODS, 'nginx-0', ({ metadata }) => {
    metadata.deletionTimestamp = '2026-01-01T00:00:30Z';
    metadata.deletionGracePeriodSeconds = 30;
  });
  await isGone(kube);
  assert.equal(kube.calls.filter((call) => call.verb === 'delete').length, 2);
});

test('a pod removed by force is cut at once and nothing more is written about it', async (t) => {
  const { kube } = await startRig(t, [podObject(GRACEFUL)]);
  const client = await dial(t, addressOf(await untilReady(kube)));
  client.send('/stream?ms=60000');
  await until(() => client.received().includes('tick 1'));
  const writes = kube.writes.length;
  kube.remove(PODS, 'nginx-0');
  assert.equal(await client.ended, 'ECONNRESET');
  kube.put(podObject());
  await untilReady(kube);
  assert.ok(!kube.writes.slice(writes).some((call) => call.verb === 'delete'));
});

test('a pod that was terminating before the kubelet came is deleted without being run', async (t) => {
  const leaving: KubeObject = podObject();
  leaving.metadata.deletionTimestamp = '2026-01-01T00:00:30Z';
  leaving.metadata.deletionGracePeriodSeconds = 30;
  const { kube } = await startRig(t, [leaving]);
  await isGone(kube);
  assert.equal(lastStatus(kube), undefined);
});

test('stopping the kubelet closes every socket without a word to the API server', async (t) => {
  const { kube, kubelet } = await startRig(t, [podObject(GRACEFUL)]);
  const address = addressOf(await untilReady(kube));
  const client = await dial(t, address);
  const writes = kube.writes.length;
  await kubelet.stop();
  await kubelet.stop();
  await client.ended;
  await assert.rejects(dial(t, address), { code: 'ECONNREFUSED' });
  assert.equal(kube.writes.length, writes);
});

test('a crash loop restarts with growing back-off and keeps the last exit in sight', async (t) => {
  const pod = podObject({ annotations: { 'sandbox.kubectl-zeroloss/fault': 'crash-loop' } });
  const waits: number[] = [];
  const sleep = (ms: number, signal?: AbortSignal) => {
    if (ms >= 1_000 && ms <= 4_000) waits.push(ms);
    // Heartbeats and the back-off that the test ends at never come to an end; everything else is over at once.
    if (ms < 4_000) return new Promise<void>((resolve) => setImmediate(resolve));
    return new Promise<void>((_, reject) => signal?.addEventListener('abort', () => reject(new Error('aborted'))));
  };
  const { kube } = await startRig(t, [pod], { sleep });
  const waiting = () => text(containerOf(podOf(kube)), 'state', 'waiting', 'reason');
  await until(() => waits.length === 3 && waiting() === 'CrashLoopBackOff');
  await until(() => number(containerOf(podOf(kube)), 'restartCount') === 3);
  assert.deepEqual(waits, [1_000, 2_000, 4_000]);
  assert.equal(number(containerOf(podOf(kube)), 'lastState', 'terminated', 'exitCode'), 1);
  assert.equal(text(podOf(kube), 'status', 'phase'), 'Running');
  await remove(kube);
  await isGone(kube);
});

test('an image that cannot be pulled leaves the pod Pending until the image is fixed in place', async (t) => {
  const { kube } = await startRig(t, [podObject({ container: { image: 'nginx:9-image-pull-error' } })]);
  const waiting = () => text(containerOf(podOf(kube)), 'state', 'waiting', 'reason');
  await until(() => waiting() === 'ErrImagePull');
  assert.equal(text(podOf(kube), 'status', 'phase'), 'Pending');
  await until(() => waiting() === 'ImagePullBackOff');
  const mend = { spec: { containers: [{ name: 'nginx', image: 'nginx:1', ports: [{ containerPort: 8080 }] }] } };
  await kube.patch(PODS, 'nginx-0', mend, { type: 'merge' });
  await untilReady(kube);
});

test('a pod that is never ready serves all the same', async (t) => {
  const pod = podObject({ annotations: { 'sandbox.kubectl-zeroloss/fault': 'never-ready' } });
  const { kube } = await startRig(t, [pod]);
  const address = await until(() => text(podOf(kube), 'status', 'podIP'));
  const client = await dialSoon(t, address);
  client.send('/readyz', 'Connection: close\r\n');
  await client.ended;
  assert.match(client.received(), /^HTTP\/1\.1 503 /);
});
