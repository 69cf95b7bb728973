import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codeOf, sdkFor, startTestCloud } from './cloud.ts';
import { settle, startOneListener, startTestClb } from './support.ts';

test('errors of the API can be asked for, by action and number of times', async (t) => {
  const cloud = await startTestCloud(t, startTestClb(t));
  const { clb } = sdkFor(cloud);
  const describe = () => clb.DescribeLoadBalancers({});
  for (const [kind, code] of [
    ['rate-limit', 'RequestLimitExceeded'],
    ['internal-error', 'InternalError'],
    ['expired-token', 'AuthFailure.TokenFailure'],
    ['unauthorized', 'UnauthorizedOperation'],
    ['unknown-code', 'FailedOperation.NeverHeardOf'],
  ] as const) {
    cloud.misbehave({ kind, action: 'DescribeLoadBalancers', times: 1 });
    assert.equal(await codeOf(describe()), code);
    await describe();
  }
  cloud.misbehave({ kind: 'internal-error', action: 'DescribeTargets' });
  await describe();
});

test('a fault can wait for a number of calls', async (t) => {
  const cloud = await startTestCloud(t, startTestClb(t));
  const { clb } = sdkFor(cloud);
  cloud.misbehave({ kind: 'expired-token', after: 2 });
  await clb.DescribeLoadBalancers({});
  await clb.DescribeLoadBalancers({});
  assert.equal(await codeOf(clb.DescribeLoadBalancers({})), 'AuthFailure.TokenFailure');
});

test('the transport can fail: HTML, 502, a reset, no answer', async (t) => {
  const cloud = await startTestCloud(t, startTestClb(t));
  const { clb } = sdkFor(cloud, { timeoutSeconds: 0.2 });
  cloud.misbehave({ kind: 'html-200', times: 1 });
  await assert.rejects(clb.DescribeLoadBalancers({}), /invalid json/);
  cloud.misbehave({ kind: 'http-502', times: 1 });
  await assert.rejects(clb.DescribeLoadBalancers({}), /Bad Gateway/);
  cloud.misbehave({ kind: 'reset', times: 1 });
  await assert.rejects(clb.DescribeLoadBalancers({}), /ECONNRESET|socket hang up/);
  cloud.misbehave({ kind: 'timeout', times: 1 });
  await assert.rejects(clb.DescribeLoadBalancers({}), /network timeout/);
  await clb.DescribeLoadBalancers({});
});

test('answers can lie: a wrong weight, an old answer, null lists', async (t) => {
  const one = await startOneListener(t);
  const at = { listenerId: one.listenerId, address: '10.0.0.1', port: 80 };
  await settle(one.clb.bindTargets(one.balancerId, [{ ...at, weight: 0 }]));
  const cloud = await startTestCloud(t, one.clb);
  const { clb } = sdkFor(cloud);
  const target = async () => {
    const { Listeners: listeners } = await clb.DescribeTargets({ LoadBalancerId: one.balancerId });
    return listeners?.[0]?.Targets?.[0];
  };
  assert.equal((await target())?.Weight, 0);
  cloud.misbehave({ kind: 'wrong-weight', address: '10.0.0.1', weight: 10 });
  assert.equal((await target())?.Weight, 10);
  cloud.behave();
  assert.equal((await target())?.Weight, 0);
  cloud.misbehave({ kind: 'stale' });
  await settle(one.clb.modifyWeights(one.balancerId, [{ ...at, weight: 5 }]));
  assert.equal((await target())?.Weight, 0);
  cloud.behave();
  assert.equal((await target())?.Weight, 5);
  cloud.misbehave({ kind: 'null-fields', fields: ['PrivateIpAddresses'] });
  assert.equal((await target())?.PrivateIpAddresses, null);
});

test('a weight task can fail after it was accepted', async (t) => {
  const one = await startOneListener(t);
  await settle(one.clb.bindTargets(one.balancerId, [{ listenerId: one.listenerId, address: '10.0.0.1', port: 80 }]));
  const cloud = await startTestCloud(t, one.clb);
  const { clb } = sdkFor(cloud);
  cloud.misbehave({ kind: 'task-fails' });
  const { RequestId: taskId = '' } = await clb.ModifyTargetWeight({
    LoadBalancerId: one.balancerId,
    ListenerId: one.listenerId,
    Targets: [{ EniIp: '10.0.0.1', Port: 80, Weight: 0 }],
  });
  let status = 2;
  while (status === 2) status = (await clb.DescribeTaskStatus({ TaskId: taskId })).Status ?? 0;
  assert.equal(status, 1);
});
