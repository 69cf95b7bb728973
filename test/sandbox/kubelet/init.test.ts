import assert from 'node:assert/strict';
import { test } from 'node:test';
import { field, list, number, text } from '../../../lib/core/values/read.ts';
import { PODS } from '../../../lib/ports/resources.ts';
import type { KubeObject } from '../../../lib/ports.ts';

import {
  addressOf,
  conditionOf,
  containerOf,
  dial,
  isReady,
  podObject,
  podOf,
  startRig,
  until,
  untilReady,
} from './harness.ts';

const setup = { name: 'setup', image: 'busybox:1' };
const proxy = { name: 'proxy', image: 'envoy:1', restartPolicy: 'Always' };
const withInits = (...initContainers: object[]) => podObject({ spec: { initContainers } });
const init = (pod: KubeObject | undefined, at = 0) => field(pod, 'status', 'initContainerStatuses', at);
const waitingFor = (status: unknown) => text(status, 'state', 'waiting', 'reason');

test('an init container is over before the rest begins, and a sidecar runs and counts beside the containers', async (t) => {
  const { kube } = await startRig(t, [withInits(setup, proxy)]);
  const pod = await untilReady(kube);
  assert.equal(text(init(pod), 'state', 'terminated', 'reason'), 'Completed');
  assert.equal(field(init(pod), 'ready'), true);
  assert.deepEqual([text(init(pod, 1), 'name'), field(init(pod, 1), 'started')], ['proxy', true]);
  assert.ok(field(init(pod, 1), 'state', 'running') !== undefined);
  assert.deepEqual(
    list(pod, 'status', 'containerStatuses').map((each) => text(each, 'name')),
    ['nginx'],
  );
  assert.equal(text(conditionOf(pod, 'Initialized'), 'status'), 'True');
});

test('an init container that crashes is tried again, and nothing after it begins, until its image is fixed', async (t) => {
  const { kube } = await startRig(t, [withInits({ ...setup, image: 'busybox:crash-loop' }, proxy)]);
  await until(() => waitingFor(init(podOf(kube))) === 'CrashLoopBackOff');
  const pod = podOf(kube);
  assert.equal(text(pod, 'status', 'phase'), 'Pending');
  assert.equal(number(init(pod), 'restartCount'), 1);
  assert.equal(number(init(pod), 'lastState', 'terminated', 'exitCode'), 1);
  assert.deepEqual([waitingFor(init(pod, 1)), waitingFor(containerOf(pod))], ['PodInitializing', 'PodInitializing']);
  const condition = conditionOf(pod, 'Initialized');
  assert.deepEqual(
    [text(condition, 'status'), text(condition, 'reason'), text(condition, 'message')],
    ['False', 'ContainersNotInitialized', 'containers with incomplete status: [setup proxy]'],
  );
  assert.equal(isReady(pod), false);
  kube.edit(PODS, 'nginx-0', (object) => {
    const spec = object['spec'] as { initContainers: { image: string }[] };
    if (spec.initContainers[0] !== undefined) spec.initContainers[0].image = 'busybox:2';
  });
  await untilReady(kube);
});

test('an init container whose image cannot be pulled is shown as such', async (t) => {
  const { kube } = await startRig(t, [withInits({ ...setup, image: 'busybox:image-pull-error' })]);
  await until(() => waitingFor(init(podOf(kube))) === 'ImagePullBackOff');
  assert.equal(waitingFor(containerOf(podOf(kube))), 'PodInitializing');
});

test('an init container of a pod that is never restarted fails the pod', async (t) => {
  const spec = { initContainers: [{ ...setup, image: 'busybox:crash-loop' }], restartPolicy: 'Never' };
  const { kube } = await startRig(t, [podObject({ spec })]);
  await until(() => text(podOf(kube), 'status', 'phase') === 'Failed');
  assert.equal(number(init(podOf(kube)), 'state', 'terminated', 'exitCode'), 1);
});

test('a sidecar has to start before the containers begin: one that crashes holds them up', async (t) => {
  const { kube } = await startRig(t, [withInits({ ...proxy, image: 'envoy:image-pull-error' }, setup)]);
  await until(() => waitingFor(init(podOf(kube))) === 'ImagePullBackOff');
  assert.deepEqual(
    [waitingFor(init(podOf(kube), 1)), waitingFor(containerOf(podOf(kube)))],
    ['PodInitializing', 'PodInitializing'],
  );
});

test('a sidecar that crashes later leaves the pod running and not ready, and is restarted under any restart policy of the pod', async (t) => {
  const { kube } = await startRig(t, [withInits({ ...proxy, image: 'envoy:crash-loop' })]);
  await until(() => waitingFor(init(podOf(kube))) === 'CrashLoopBackOff' && field(containerOf(podOf(kube)), 'ready'));
  const pod = podOf(kube);
  assert.deepEqual([text(pod, 'status', 'phase'), isReady(pod)], ['Running', false]);
  assert.equal(text(conditionOf(pod, 'Initialized'), 'status'), 'True');
  assert.match(text(conditionOf(pod, 'ContainersReady'), 'message') ?? '', /unready status: \[proxy\]/);
});

test('a sidecar serves on until the containers have ended', async (t) => {
  const ports = [{ containerPort: 9000 }];
  const annotations = { 'sandbox.kubectl-zeroloss/on-terminate': 'graceful' };
  const { kube } = await startRig(t, [podObject({ annotations, spec: { initContainers: [{ ...proxy, ports }] } })]);
  const pod = await untilReady(kube);
  const client = await dial(t, addressOf(pod));
  client.send('/stream?ms=600');
  await until(() => client.received().includes('tick 1'));
  await kube.delete(PODS, 'nginx-0', { uid: pod.metadata.uid });
  await until(() => podOf(kube)?.metadata.deletionTimestamp !== undefined);
  (await dial(t, addressOf(pod), 9000)).send('/');
  assert.equal(await client.ended, 'end');
  await until(() => podOf(kube) === undefined);
  await assert.rejects(dial(t, addressOf(pod), 9000));
});
