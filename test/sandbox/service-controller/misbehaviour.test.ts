import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PODS } from '../../../lib/ports/resources.ts';
import { until } from '../clb/support.ts';
import { drained, pod, service, startRig, WEIGHTS } from './support.ts';

test('asleep, the controller does nothing until it wakes', async (t) => {
  const rig = await startRig(t, [service(), pod(0)]);
  await rig.show('10.0.0.0=10');
  rig.controller.pause();
  rig.annotate({ [WEIGHTS]: drained(0) });
  await new Promise((resolve) => setTimeout(resolve, 30));
  assert.equal(rig.weights(), '10.0.0.0=10');
  rig.controller.resume();
  await rig.show('10.0.0.0=0');
});

test('asleep for a time, the controller wakes on its own', async (t) => {
  const rig = await startRig(t, [service(), pod(0)]);
  await rig.show('10.0.0.0=10');
  rig.controller.pause(40);
  const fromMs = Date.now();
  rig.annotate({ [WEIGHTS]: drained(0) });
  await rig.show('10.0.0.0=0');
  assert.ok(Date.now() - fromMs >= 35);
});

test('weights that someone wrote at the load balancer are taken back by the resync', async (t) => {
  const rig = await startRig(t, [service({ [WEIGHTS]: drained(0) }), pod(0), pod(1)], { resyncMs: 100 });
  await rig.show('10.0.0.0=0 10.0.0.1=10');
  await until(() => rig.events().includes('Normal EnsureServiceSuccess'));
  await rig.controller.overwrite(7);
  assert.equal(rig.weights(), '10.0.0.0=7 10.0.0.1=7');
  await rig.show('10.0.0.0=0 10.0.0.1=10');
});

test('a controller that forgets to unbind leaves the backend of a pod that is gone', async (t) => {
  const rig = await startRig(t, [service(), pod(0), pod(1)], { resyncMs: 20 });
  await rig.show('10.0.0.0=10 10.0.0.1=10');
  rig.controller.faults.keepsGone = true;
  rig.kube.remove(PODS, 'nginx-1');
  rig.annotate({ [WEIGHTS]: drained(0) });
  await rig.show('10.0.0.0=0 10.0.0.1=10');
  rig.controller.faults.keepsGone = false;
  await rig.show('10.0.0.0=0');
});

test('a controller that counts places from 0 drains another ordinal than it was asked to', async (t) => {
  const rig = await startRig(t, [service(), pod(3), pod(4)]);
  rig.controller.faults.countsFrom = 3;
  rig.annotate({ [WEIGHTS]: drained(1) });
  await rig.show('10.0.0.3=10 10.0.0.4=0');
});

test('a controller that forgets to unbind still binds another pod at a known address anew', async (t) => {
  const rig = await startRig(t, [service(), pod(0)], { resyncMs: 20 });
  await rig.show('10.0.0.0=10');
  rig.controller.faults.keepsGone = true;
  rig.kube.remove(PODS, 'nginx-0');
  rig.kube.put(pod(0, { uid: 'another' }));
  await until(() => rig.listener()?.targets.some(({ tag }) => tag === 'another') === true);
  assert.equal(rig.weights(), '10.0.0.0=10');
});

const CUSTOM = 'service.cloud.tencent.com/custom-weight';

function podWeighing(ordinal: number, weight: string) {
  const made = pod(ordinal);
  made.metadata.annotations = { [CUSTOM]: weight };
  return made;
}

test('a custom-weight that yields counts only where lb-rs-weight does not name the pod', async (t) => {
  const rig = await startRig(t, [service({ [WEIGHTS]: drained(0) }), podWeighing(0, '50'), podWeighing(1, '50')]);
  await rig.show('10.0.0.0=50 10.0.0.1=50');
  rig.controller.faults.customWeight.wins = 'service';
  rig.annotate({ a: 'change' });
  await rig.show('10.0.0.0=0 10.0.0.1=50');
});

test('a custom-weight is seen live, or only as the pod had it when it was bound', async (t) => {
  const rig = await startRig(t, [service(), podWeighing(0, '50')]);
  await rig.show('10.0.0.0=50');
  rig.controller.faults.customWeight.live = false;
  rig.kube.put(podWeighing(0, '60'));
  rig.kube.put(podWeighing(1, '60'));
  await rig.show('10.0.0.0=50 10.0.0.1=60');
  rig.controller.faults.customWeight.live = true;
  rig.annotate({ a: 'change' });
  await rig.show('10.0.0.0=60 10.0.0.1=60');
});

test('a custom-weight of 0 takes a pod out, or counts as none', async (t) => {
  const rig = await startRig(t, [service(), podWeighing(0, '0')]);
  await rig.show('10.0.0.0=0');
  rig.controller.faults.customWeight.zero = false;
  rig.annotate({ a: 'change' });
  await rig.show('10.0.0.0=10');
});
