import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AnswerObject } from '../../lib/clb/calls/cloud-answer.ts';
import { createLoadBalancer } from '../../lib/clb/clb-load-balancer.ts';
import type { Cloud } from '../../lib/clb/cloud.ts';
import { NoCredentialsError } from '../../lib/clb/credentials/no-credentials.ts';
import { CloudError, ConnectionError } from '../../lib/core/errors.ts';
import { REQUIRED_ACTIONS } from '../../lib/core/safety/required-access.ts';
import { FakeClock } from '../fakes/clock.ts';
import { SANDBOX_REGION, sandboxCloud } from './sandbox.ts';

/** A cloud that answers every action by a function. */
function scripted(answer: (action: string, params: Record<string, unknown>) => AnswerObject | Error) {
  const calls: { action: string; params: Record<string, unknown> }[] = [];
  const cloud: Cloud = {
    regions: { flag: 'ap-guangzhou' },
    credentials: async () => 'test',
    call: async (_service, action, params) => {
      const given = params as unknown as Record<string, unknown>;
      calls.push({ action, params: given });
      const answered = answer(action, given);
      if (answered instanceof Error) throw answered;
      return answered;
    },
  };
  return { cloud, calls };
}

const BALANCER = {
  LoadBalancerSet: [
    {
      LoadBalancerId: 'lb-1',
      LoadBalancerType: 'INTERNAL',
      LoadBalancerVips: ['10.0.0.1'],
      Status: 1,
      VpcId: 'vpc-own',
      NumericalVpcId: 1,
      TargetRegionInfo: { Region: 'ap-guangzhou', VpcId: 'vpc-remote', NumericalVpcId: 2 },
    },
  ],
};

const settings = (action: string): AnswerObject =>
  action === 'DescribeLoadBalancers' ? BALANCER : { Listeners: [], TotalCount: 0 };

test('bindings are looked up on the sandbox: every listener that binds the address, with its weight', async (t) => {
  const { cloud, clock, one, drained } = await sandboxCloud(t);
  const balancer = createLoadBalancer(cloud, clock);
  const found = await balancer.bindingsOf({ id: one.balancerId, region: SANDBOX_REGION }, ['127.0.0.1']);
  assert.deepEqual(
    found
      .map(({ balancerId, backendPort, weight }) => [balancerId, backendPort, weight])
      .filter((each) => each[1] === drained),
    [[one.balancerId, drained, 0]],
  );
  assert.equal(found.length, 2);
});

test('every action can be tried on the sandbox, exactly those of the list', async (t) => {
  const { cloud, clock, one } = await sandboxCloud(t);
  const tried = await createLoadBalancer(cloud, clock).tryActions({ id: one.balancerId, region: SANDBOX_REGION });
  assert.deepEqual(
    tried.map(({ action, allowed }) => [action, allowed]),
    REQUIRED_ACTIONS.map(({ action }) => [action, true]),
  );
});

const bound = (change: { balancer?: object; target?: object }): AnswerObject => ({
  LoadBalancers: [
    {
      LoadBalancerId: 'lb-2',
      Region: 'ap-guangzhou',
      Listeners: [
        {
          ListenerId: 'lbl-2',
          Protocol: 'TCP',
          Port: 80,
          Targets: [{ PrivateIp: '10.0.0.1', Port: 80, Weight: 0, ...change.target }],
        },
      ],
      ...change.balancer,
    },
  ],
});

for (const [name, change] of [
  ['address', { target: { PrivateIp: '10.0.0.2' } }],
  ['region', { balancer: { Region: 'ap-beijing' } }],
] as const)
  test(`bindings of another ${name} than was asked for are no answer`, async () => {
    const asking = (answer: AnswerObject) =>
      createLoadBalancer(
        scripted((action) => (action === 'DescribeLBListeners' ? answer : settings(action))).cloud,
        new FakeClock(),
      ).bindingsOf({ id: 'lb-1' }, ['10.0.0.1']);
    assert.equal((await asking(bound({}))).length, 1);
    await assert.rejects(
      asking(bound(change)),
      (error) => error instanceof CloudError && error.code === 'MalformedAnswer',
    );
  });

test('many addresses are asked for in lists of twenty, in the VPC of the backends', async () => {
  const { cloud, calls } = scripted((action) =>
    action === 'DescribeLBListeners' ? { LoadBalancers: null } : settings(action),
  );
  const addresses = Array.from({ length: 45 }, (_, index) => `10.0.0.${index}`);
  assert.deepEqual(await createLoadBalancer(cloud, new FakeClock()).bindingsOf({ id: 'lb-1' }, addresses), []);
  const asked = calls
    .filter(({ action }) => action === 'DescribeLBListeners')
    .map(({ params }) => params['Backends'] as { VpcId: string }[]);
  assert.deepEqual(
    asked.map(({ length }) => length),
    [20, 20, 5],
  );
  assert.equal(asked[0]?.[0]?.VpcId, 'vpc-remote');
});

test('layer-7 rules are distinguished, and a target without weight is an error, not weight 0', async () => {
  const target = { PrivateIp: '10.0.0.9', Port: 80, VpcId: 2, Weight: 7 };
  const answer = (Targets: object[]) => ({
    LoadBalancers: [
      {
        LoadBalancerId: 'lb-2',
        Listeners: [
          {
            ListenerId: 'lbl-7',
            Protocol: 'HTTP',
            Port: 80,
            Targets: null,
            Rules: [{ LocationId: 'loc-1', Domain: 'a.example', Url: '/x', Targets }],
          },
        ],
      },
    ],
  });
  const ask = (targets: object[]) =>
    createLoadBalancer(
      scripted((action) => (action === 'DescribeLBListeners' ? answer(targets) : settings(action))).cloud,
      new FakeClock(),
    ).bindingsOf({ id: 'lb-1' }, ['10.0.0.9']);
  assert.deepEqual(await ask([target]), [
    {
      balancerId: 'lb-2',
      region: 'ap-guangzhou',
      listenerId: 'lbl-7',
      protocol: 'HTTP',
      port: 80,
      ruleId: 'loc-1',
      rule: 'a.example/x',
      address: '10.0.0.9',
      backendPort: 80,
      weight: 7,
    },
  ]);
  await assert.rejects(ask([{ ...target, Weight: undefined }]), CloudError);
});

test('without the VPC nothing is concluded', async () => {
  const bare = { LoadBalancerSet: [{ LoadBalancerId: 'lb-1', LoadBalancerType: 'OPEN', Status: 1 }] };
  const { cloud } = scripted((action) => (action === 'DescribeLoadBalancers' ? bare : settings(action)));
  await assert.rejects(
    createLoadBalancer(cloud, new FakeClock()).bindingsOf({ id: 'lb-1' }, ['10.0.0.9']),
    /VPC of lb-1/,
  );
});

test('a denied action is no, a failing network is unknown, and no credentials at all is no', async () => {
  const failures: Record<string, Error> = {
    DescribeTargets: new CloudError('UnauthorizedOperation', 'denied'),
    DescribeListeners: new CloudError('InternalError', 'broken'),
    DescribeTargetHealth: new ConnectionError('cannot reach the cloud'),
    GetMonitorData: new NoCredentialsError(['the environment (nothing set)'], 'export them'),
  };
  const { cloud } = scripted((action) => failures[action] ?? settings(action));
  const tried = await createLoadBalancer(cloud, new FakeClock()).tryActions({ id: 'lb-1' });
  const allowed = Object.fromEntries(tried.map((each) => [each.action.replace(/^.*:/, ''), each.allowed]));
  assert.deepEqual(allowed, {
    DescribeLoadBalancers: true,
    DescribeListeners: undefined,
    DescribeTargets: false,
    DescribeTargetHealth: undefined,
    DescribeLBListeners: true,
    DescribeBaseMetrics: true,
    GetMonitorData: false,
  });
});

test('no key, a refused key and a refused clock differ from the refusal of one action by the code alone', async () => {
  const refusedBy = async (error: Error) => {
    const { cloud } = scripted((action) => (action === 'DescribeTargets' ? error : settings(action)));
    const tried = await createLoadBalancer(cloud, new FakeClock()).tryActions({ id: 'lb-1' });
    const { allowed, refused } = tried.find(({ action }) => action === 'clb:DescribeTargets') ?? assert.fail();
    return [allowed, refused];
  };
  const code = (name: string): Error => new CloudError(name, 'in words that may change');
  assert.deepEqual(await refusedBy(code('AuthFailure.SignatureExpire')), [false, 'clock']);
  assert.deepEqual(await refusedBy(code('AuthFailure.SecretIdNotFound')), [false, 'key']);
  assert.deepEqual(await refusedBy(new NoCredentialsError([], '')), [false, 'absent']);
  for (const one of ['UnauthorizedOperation', 'UnauthorizedOperation.Region', 'AuthFailure.UnauthorizedOperation'])
    assert.deepEqual(await refusedBy(code(one)), [false, undefined]);
  assert.deepEqual(await refusedBy(code('InternalError')), [undefined, undefined]);
});
