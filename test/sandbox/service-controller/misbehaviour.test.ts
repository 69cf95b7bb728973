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

test('a controller that counts places from 0 drains another ordinal than it was told', async (t) => {
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
