import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { list, text } from '../../../lib/core/values/read.ts';
import { NODES, PODS } from '../../../lib/ports/resources.ts';
import type { KubeObject } from '../../../lib/ports.ts';
import { systemClock } from '../../../sandbox/common/system-clock.ts';
import { startNodeLifecycle } from '../../../sandbox/controllers/node-lifecycle.ts';
import { FakeKube } from '../../fakes/api/kube.ts';
import { FakeClock } from '../../fakes/clock.ts';
import { eventually, settled } from '../../fakes/eventually.ts';

const UNREACHABLE = 'node.kubernetes.io/unreachable';
const at = (ms: number) => new Date(ms).toISOString();

const node = (heartbeatMs: number): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'node-1', uid: 'node-1' },
  spec: { taints: [{ key: 'dedicated', effect: 'NoSchedule' }] },
  status: { conditions: [{ type: 'Ready', status: 'True', lastHeartbeatTime: at(heartbeatMs) }] },
});

const pod = (tolerationSeconds?: number): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'nginx-0', namespace: 'default', uid: 'pod-0' },
  spec: {
    nodeName: 'node-1',
    ...(tolerationSeconds === undefined
      ? {}
      : { tolerations: [{ key: UNREACHABLE, operator: 'Exists', effect: 'NoExecute', tolerationSeconds }] }),
  },
  status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
});

function start(t: TestContext, objects: (clock: FakeClock) => readonly KubeObject[]) {
  const clock = new FakeClock();
  const kube = new FakeKube(objects(clock), { gracefulPods: true, now: () => clock.now() });
  const controller = startNodeLifecycle(kube, { clock });
  t.after(() => controller.stop());
  return { kube, clock };
}

const taints = (kube: FakeKube) =>
  list(kube.object(NODES, 'node-1'), 'spec', 'taints').map((each) => `${text(each, 'key')}:${text(each, 'effect')}`);
const readyOf = (object: KubeObject | undefined) =>
  text(
    list(object, 'status', 'conditions').find((condition) => text(condition, 'type') === 'Ready'),
    'status',
  );

test('a node that has fallen silent is Unknown and tainted, and its pods are not ready', async (t) => {
  const { kube } = start(t, (clock) => [node(clock.now()), pod(300)]);
  await eventually(() => assert.equal(readyOf(kube.object(NODES, 'node-1')), 'Unknown'));
  await eventually(() => assert.equal(readyOf(kube.object(PODS, 'nginx-0')), 'False'));
  const both = ['dedicated:NoSchedule', `${UNREACHABLE}:NoSchedule`, `${UNREACHABLE}:NoExecute`];
  await eventually(() => assert.deepEqual(taints(kube), both));
});

test('its pods are deleted when they tolerate it no longer, and stay: no kubelet ends them', async (t) => {
  const { kube, clock } = start(t, (each) => [node(each.now()), pod(300)]);
  await eventually(() => assert.ok(kube.object(PODS, 'nginx-0')?.metadata.deletionTimestamp));
  assert.ok(clock.now() - clock.startMs >= 312_000, `after ${clock.now() - clock.startMs} ms`);
  await settled();
  assert.ok(kube.object(PODS, 'nginx-0'));
});

test('when the node is back its taints go, and only those', async (t) => {
  const nowMs = Date.UTC(2026, 0, 1);
  const kube = new FakeKube([node(nowMs - 60_000)]);
  const controller = startNodeLifecycle(kube, { clock: { now: () => nowMs, sleep: systemClock.sleep } });
  t.after(() => controller.stop());
  await eventually(() => assert.equal(taints(kube).length, 3));
  kube.edit(NODES, 'node-1', (object) => {
    object['status'] = node(nowMs)['status'];
  });
  await eventually(() => assert.deepEqual(taints(kube), ['dedicated:NoSchedule']));
});

test('a node that has not reported yet is left alone', async (t) => {
  const { kube, clock } = start(t, () => [{ ...node(0), status: {} }, pod(0)]);
  await settled();
  assert.deepEqual(kube.writes, []);
  assert.deepEqual(clock.sleeps, []);
});
