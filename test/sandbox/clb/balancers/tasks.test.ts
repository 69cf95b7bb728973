import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CloudFault } from '../../../../sandbox/clb/balancers/fault.ts';
import { settle, startOneListener, startTestClb } from '../support.ts';

const inOperating = (error: unknown): boolean =>
  error instanceof CloudFault && error.code === 'FailedOperation.ResourceInOperating';

test('a change takes effect when its task is over, not before', async (t) => {
  const one = await startOneListener(t);
  const listener = one.clb.balancer(one.balancerId)?.listeners.get(one.listenerId);
  const task = one.clb.bindTargets(one.balancerId, [{ listenerId: one.listenerId, address: '127.0.0.1', port: 9 }]);
  assert.equal(one.clb.taskStatus(task.id)?.status, 2);
  assert.equal(listener?.targets.length, 0);
  assert.equal((await task.done).status, 0);
  assert.equal(one.clb.taskStatus(task.id)?.status, 0);
  assert.equal(listener?.targets.length, 1);
});

test('a balancer has one task at a time, others are refused as ResourceInOperating', async (t) => {
  const clb = startTestClb(t);
  const first = clb.createBalancer();
  assert.throws(() => clb.createListeners(first.balancerId, [{ protocol: 'TCP', port: 8080 }]), inOperating);
  const second = clb.createBalancer();
  await Promise.all([settle(first), settle(second)]);
  await settle(clb.createListeners(first.balancerId, [{ protocol: 'TCP', port: 8080 }]));
});

test('a task that fails changes nothing and reports it', async (t) => {
  const one = await startOneListener(t);
  one.clb.failNextTasks(1, 'no free capacity');
  const bind = () =>
    one.clb.bindTargets(one.balancerId, [{ listenerId: one.listenerId, address: '127.0.0.1', port: 9 }]);
  assert.deepEqual(await bind().done, { status: 1, balancerId: one.balancerId, message: 'no free capacity' });
  assert.equal(one.clb.balancer(one.balancerId)?.listeners.get(one.listenerId)?.targets.length, 0);
  await settle(bind());
});

test('stopping fails the tasks that have not run', async (t) => {
  const clb = startTestClb(t, { lagMs: 60_000 });
  const task = clb.createBalancer();
  await clb.stop();
  assert.equal((await task.done).status, 1);
});

test('settings that the cloud refuses are refused', async (t) => {
  const one = await startOneListener(t);
  const persisted = { sessionExpireSeconds: 10 };
  assert.equal((await one.clb.modifyListener(one.balancerId, one.listenerId, persisted).done).status, 1);
  const unsorted = { scheduler: 'LEAST_CONN', sessionExpireSeconds: 30 } as const;
  assert.equal((await one.clb.modifyListener(one.balancerId, one.listenerId, unsorted).done).status, 1);
  const hashed = { scheduler: 'IP_HASH', sessionExpireSeconds: 30 } as const;
  assert.equal((await one.clb.modifyListener(one.balancerId, one.listenerId, hashed).done).status, 0);
  assert.throws(() => one.clb.createListeners(one.balancerId, [{ protocol: 'TCP', port: 8080 }]), CloudFault);
  const tooHeavy = { listenerId: one.listenerId, address: '127.0.0.1', port: 9, weight: 101 };
  assert.equal((await one.clb.bindTargets(one.balancerId, [tooHeavy]).done).status, 1);
});
