import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codeOf, sdkFor, startTestCloud } from './cloud.ts';
import { bindAlive, settle, startBackend, startOneListener, startTestClb } from './support.ts';

test('the SDK reads a balancer, its listener, its backends and their health as the cloud shows them', async (t) => {
  const one = await startOneListener(t, {}, { flags: ['RescheduleTargetZeroWeight'] });
  const backend = await startBackend(t, 'a');
  await bindAlive(one, backend.port, 7);
  const { clb } = sdkFor(await startTestCloud(t, one.clb));
  const found = await clb.DescribeLoadBalancers({ LoadBalancerIds: [one.balancerId] });
  const [shown] = found.LoadBalancerSet ?? [];
  assert.equal(found.TotalCount, 1);
  assert.equal(shown?.Status, 1);
  assert.equal(shown?.LoadBalancerType, 'OPEN');
  assert.equal(shown?.NumericalVpcId, 5436123);
  assert.deepEqual(shown?.LoadBalancerVips, ['127.88.0.1']);
  const { Listeners: listeners } = await clb.DescribeListeners({ LoadBalancerId: one.balancerId });
  assert.equal(listeners?.[0]?.Scheduler, 'WRR');
  assert.equal(listeners?.[0]?.Rules, null);
  assert.deepEqual(listeners?.[0]?.AttrFlags, ['RescheduleTargetZeroWeight']);
  const { Listeners: bound } = await clb.DescribeTargets({ LoadBalancerId: one.balancerId });
  const [target] = bound?.[0]?.Targets ?? [];
  assert.deepEqual([target?.PrivateIpAddresses, target?.Port, target?.Weight], [['127.0.0.1'], backend.port, 7]);
  assert.equal(bound?.[0]?.Rules, null);
  const health = await clb.DescribeTargetHealth({ LoadBalancerIds: [one.balancerId] });
  assert.equal(health.LoadBalancers?.[0]?.Listeners?.[0]?.Rules?.[0]?.Targets?.[0]?.HealthStatusDetail, 'Alive');
});

test('a layer-7 listener shows its backends under its rules', async (t) => {
  const one = await startOneListener(t, {}, { protocol: 'HTTP', rules: [{ domain: 'a.example', url: '/x' }] });
  const ruleId = one.clb.balancer(one.balancerId)?.listeners.get(one.listenerId)?.rules[0]?.id;
  const target = { listenerId: one.listenerId, ruleId, address: '10.0.0.1', port: 80 };
  await settle(one.clb.bindTargets(one.balancerId, [target]));
  const { clb } = sdkFor(await startTestCloud(t, one.clb));
  const { Listeners: bound } = await clb.DescribeTargets({ LoadBalancerId: one.balancerId });
  assert.equal(bound?.[0]?.Targets, null);
  assert.equal(bound?.[0]?.Rules?.[0]?.Domain, 'a.example');
  assert.equal(bound?.[0]?.Rules?.[0]?.Targets?.[0]?.Weight, 10);
  const { LoadBalancers: reverse } = await clb.DescribeLBListeners({
    Backends: [{ VpcId: 'vpc-5k9ab3xd', PrivateIp: '10.0.0.1' }],
  });
  assert.equal(reverse[0]?.Listeners?.[0]?.Rules?.[0]?.LocationId, ruleId);
});

test('in another region the balancer does not exist', async (t) => {
  const one = await startOneListener(t);
  const cloud = await startTestCloud(t, one.clb);
  const { clb } = sdkFor(cloud, { region: 'ap-chengdu' });
  assert.equal((await clb.DescribeLoadBalancers({ LoadBalancerIds: [one.balancerId] })).TotalCount, 0);
  assert.equal(
    await codeOf(clb.DescribeListeners({ LoadBalancerId: one.balancerId })),
    'InvalidParameter.LBIdNotFound',
  );
  const nowhere = sdkFor(cloud, { region: 'guangzhou' });
  assert.equal(await codeOf(nowhere.clb.DescribeLoadBalancers({})), 'UnsupportedRegion');
});

test('a weight is changed by a task whose status can be asked for', async (t) => {
  const one = await startOneListener(t);
  await settle(one.clb.bindTargets(one.balancerId, [{ listenerId: one.listenerId, address: '10.0.0.1', port: 80 }]));
  const { clb } = sdkFor(await startTestCloud(t, one.clb));
  one.clb.lagMs = 50;
  const change = {
    LoadBalancerId: one.balancerId,
    ListenerId: one.listenerId,
    Targets: [{ EniIp: '10.0.0.1', Port: 80, Weight: 0 }],
  };
  const { RequestId: taskId = '' } = await clb.ModifyTargetWeight(change);
  assert.equal(await codeOf(clb.ModifyTargetWeight(change)), 'FailedOperation.ResourceInOperating');
  let status = 2;
  while (status === 2) status = (await clb.DescribeTaskStatus({ TaskId: taskId })).Status ?? 1;
  assert.equal(status, 0);
  const { Listeners: bound } = await clb.DescribeTargets({ LoadBalancerId: one.balancerId });
  assert.equal(bound?.[0]?.Targets?.[0]?.Weight, 0);
});

test('more ids than one call takes are refused by length', async (t) => {
  const one = await startOneListener(t);
  const { clb } = sdkFor(await startTestCloud(t, one.clb));
  const ids = (count: number): string[] => Array.from({ length: count }, () => one.balancerId);
  const tooLong = 'InvalidParameterValue.Length';
  assert.equal(await codeOf(clb.DescribeLoadBalancers({ LoadBalancerIds: ids(21) })), tooLong);
  assert.equal(await codeOf(clb.DescribeLoadBalancers({ Limit: 101 })), tooLong);
  assert.equal(await codeOf(clb.DescribeTargetHealth({ LoadBalancerIds: ids(31) })), tooLong);
  const listenerIds = Array.from({ length: 21 }, () => one.listenerId);
  assert.equal(
    await codeOf(clb.DescribeTargets({ LoadBalancerId: one.balancerId, ListenerIds: listenerIds })),
    tooLong,
  );
});

test('ids that are malformed or unknown are two different errors', async (t) => {
  const one = await startOneListener(t);
  const { clb } = sdkFor(await startTestCloud(t, one.clb));
  assert.equal(await codeOf(clb.DescribeTargets({ LoadBalancerId: 'nginx' })), 'InvalidParameter.FormatError');
  assert.equal(await codeOf(clb.DescribeTargets({ LoadBalancerId: 'lb-00000000' })), 'InvalidParameter.LBIdNotFound');
});

test('lists of balancers are paged', async (t) => {
  const clb = startTestClb(t);
  await Promise.all(Array.from({ length: 23 }, () => settle(clb.createBalancer())));
  const sdk = sdkFor(await startTestCloud(t, clb));
  const first = await sdk.clb.DescribeLoadBalancers({});
  const second = await sdk.clb.DescribeLoadBalancers({ Offset: 20 });
  assert.deepEqual([first.TotalCount, first.LoadBalancerSet?.length, second.LoadBalancerSet?.length], [23, 20, 3]);
});

test('a domain-name balancer has a domain and no VIPs', async (t) => {
  const clb = startTestClb(t);
  const { balancerId } = await settle(clb.createBalancer({ domain: 'lb.example' }));
  const sdk = sdkFor(await startTestCloud(t, clb));
  const { LoadBalancerSet: [shown] = [] } = await sdk.clb.DescribeLoadBalancers({ LoadBalancerIds: [balancerId] });
  assert.deepEqual([shown?.LoadBalancerVips, shown?.LoadBalancerDomain], [[], 'lb.example']);
  assert.deepEqual(shown?.AttributeFlags, ['IsDomainCLB']);
});
