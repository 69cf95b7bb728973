import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createLoadBalancer, type LoadBalancerOptions } from '../../lib/clb/clb-load-balancer.ts';
import { CloudError, ConnectionError } from '../../lib/core/errors.ts';
import type { BalancerState } from '../../lib/ports.ts';
import {
  BALANCER,
  balancer,
  balancers,
  health,
  httpListener,
  httpTargets,
  listeners,
  rule,
  target,
  targetHealth,
  tcpListener,
  tcpTargets,
  VIP,
} from './answers.ts';
import { type ConnectedOptions, connected } from './connected.ts';
import type { Reply, Script } from './fake-cloud.ts';

const REGION = 'ap-guangzhou';

interface World {
  DescribeLoadBalancers: Reply;
  DescribeListeners: Reply;
  DescribeTargets: Reply;
  DescribeTargetHealth: Reply;
}

/** One TCP listener, two pods, all well. */
const WELL: World = {
  DescribeLoadBalancers: balancers(balancer()),
  DescribeListeners: listeners(tcpListener()),
  DescribeTargets: { Listeners: [tcpTargets([target('10.0.0.1'), target('10.0.0.2', { Weight: 0 })])] },
  DescribeTargetHealth: health({
    'lbl-tcp': { 'loc-x': [targetHealth('10.0.0.1', 'Alive'), targetHealth('10.0.0.2', 'Alive')] },
  }),
};

const scriptOf = (world: World): Script =>
  Object.fromEntries(Object.entries(world).map(([action, reply]) => [action, () => reply]));

async function open(t: TestContext, script: Script, options: ConnectedOptions & LoadBalancerOptions = {}) {
  const world = await connected(t, script, options);
  const port = createLoadBalancer(world.cloud, world.clock, options);
  return { ...world, observe: () => port.observe({ id: BALANCER, region: REGION }), port };
}

const observe = async (t: TestContext, change: Partial<World>): Promise<BalancerState> =>
  (await open(t, scriptOf({ ...WELL, ...change }))).observe();

const refuses = (t: TestContext, change: Partial<World>, message: RegExp) =>
  assert.rejects(observe(t, change), (error) => {
    assert.ok(error instanceof CloudError, String(error));
    assert.match(error.message, message);
    return true;
  });

test('a balancer is shown with its listeners, weights and health', async (t) => {
  const { observe, clock } = await open(t, scriptOf(WELL));
  const listenerId = 'lbl-tcp';
  assert.deepEqual(await observe(), {
    id: BALANCER,
    name: 'cls-1_default_nginx',
    vips: [VIP],
    network: 'public',
    numericVpcId: '1111113',
    region: REGION,
    running: true,
    observedAtMs: clock.now(),
    listeners: [
      {
        id: listenerId,
        protocol: 'TCP',
        port: 80,
        scheduler: 'WRR',
        sessionExpireSeconds: 0,
        targetType: 'NODE',
        flags: [],
        resetsOnUnbind: false,
        idleTimeoutSeconds: 900,
        healthCheck: { on: true, intervalSeconds: 5, healthyThreshold: 3, unhealthyThreshold: 4 },
        backends: [
          { listenerId, address: '10.0.0.1', port: 80, weight: 10, health: 'alive' },
          { listenerId, address: '10.0.0.2', port: 80, weight: 0, health: 'alive' },
        ],
      },
    ],
  });
});

test('a layer-7 listener shows one backend per rule, with the health of that rule', async (t) => {
  const state = await observe(t, {
    DescribeListeners: listeners(
      httpListener([rule('loc-1'), rule('loc-2', { Scheduler: 'IP_HASH', SessionExpireTime: 3600 })]),
    ),
    DescribeTargets: {
      Listeners: [httpTargets({ 'loc-1': [target('10.0.0.1')], 'loc-2': [target('10.0.0.1', { Weight: 0 })] })],
    },
    DescribeTargetHealth: health({
      'lbl-http': { 'loc-1': [targetHealth('10.0.0.1', 'Alive')], 'loc-2': [targetHealth('10.0.0.1', 'Dead')] },
    }),
  });
  const [listener] = state.listeners;
  assert.deepEqual([listener?.scheduler, listener?.sessionExpireSeconds], ['mixed', 3600]);
  assert.deepEqual(
    listener?.backends.map(({ ruleId, rule, weight, health }) => ({ ruleId, rule, weight, health })),
    [
      { ruleId: 'loc-1', rule: 'www.example.com/loc-1', weight: 10, health: 'alive' },
      { ruleId: 'loc-2', rule: 'www.example.com/loc-2', weight: 0, health: 'dead' },
    ],
  );
});

for (const [detail, on, expected] of [
  ['Alive', 1, 'alive'],
  ['Dead', 1, 'dead'],
  ['Unknown', 1, 'probing'],
  ['Close', 0, 'off'],
  ['Close', 1, 'unknown'],
  ['SomethingNew', 1, 'unknown'],
  [null, 1, 'unknown'],
] as const) {
  test(`health detail ${detail} beside HealthStatus true is ${expected} with the check ${on ? 'on' : 'off'}`, async (t) => {
    const state = await observe(t, {
      DescribeListeners: listeners(tcpListener({ HealthCheck: { HealthSwitch: on, IntervalTime: 5, HealthNum: 3 } })),
      DescribeTargetHealth: health({ 'lbl-tcp': { x: [targetHealth('10.0.0.1', detail)] } }),
    });
    assert.deepEqual(
      state.listeners[0]?.backends.map((backend) => backend.health),
      [expected, 'unknown'],
    );
  });
}

test('the misspelt health field of old answers is understood', async (t) => {
  const state = await observe(t, {
    DescribeTargetHealth: health({
      'lbl-tcp': { x: [targetHealth('10.0.0.1', null, { HealthStatusDetial: 'Alive' })] },
    }),
  });
  assert.equal(state.listeners[0]?.backends[0]?.health, 'alive');
});

test('a missing list of targets is an error, never an empty listener', async (t) => {
  await refuses(t, { DescribeTargets: { Listeners: [tcpTargets(null)] } }, /no list of targets of listener lbl-tcp/);
});

test('a missing list of targets is empty when the health answer has none either', async (t) => {
  const state = await observe(t, {
    DescribeTargets: { Listeners: [tcpTargets(null)] },
    DescribeTargetHealth: health({ 'lbl-tcp': { x: [] } }),
  });
  assert.deepEqual(state.listeners[0]?.backends, []);
});

test('a listener or rule that DescribeTargets leaves out is an error', async (t) => {
  await refuses(t, { DescribeTargets: { Listeners: [] } }, /does not speak of listener lbl-tcp/);
  await refuses(
    t,
    {
      DescribeListeners: listeners(httpListener([rule('loc-1'), rule('loc-2')])),
      DescribeTargets: { Listeners: [httpTargets({ 'loc-1': [] })] },
      DescribeTargetHealth: health({ 'lbl-http': {} }),
    },
    /does not speak of rule loc-2/,
  );
});

for (const [name, change] of [
  ['Listeners null', { DescribeListeners: { TotalCount: 1, Listeners: null } }],
  ['fewer listeners than TotalCount', { DescribeListeners: { TotalCount: 2, Listeners: [tcpListener()] } }],
  ['LoadBalancerSet null', { DescribeLoadBalancers: { TotalCount: 1, LoadBalancerSet: null } }],
  ['LoadBalancers null', { DescribeTargetHealth: { LoadBalancers: null } }],
  [
    'another balancer in the health answer',
    { DescribeTargetHealth: { LoadBalancers: [{ LoadBalancerId: 'lb-other', Listeners: [] }] } },
  ],
  ['a target without Weight', { DescribeTargets: { Listeners: [tcpTargets([target('10.0.0.1', { Weight: null })])] } }],
  ['a target without Port', { DescribeTargets: { Listeners: [tcpTargets([target('10.0.0.1', { Port: null })])] } }],
  [
    'a target without address',
    { DescribeTargets: { Listeners: [tcpTargets([target('', { PrivateIpAddresses: null })])] } },
  ],
  ['a listener without Port', { DescribeListeners: listeners(tcpListener({ Port: null })) }],
  ['a balancer without Status', { DescribeLoadBalancers: balancers(balancer({ Status: null })) }],
  ['a balancer of an unknown network', { DescribeLoadBalancers: balancers(balancer({ LoadBalancerType: null })) }],
] as [string, Partial<World>][]) {
  test(`${name} is an error, not a guess`, (t) => refuses(t, change, /cannot be understood/));
}

test('a cloud function among the targets is no pod and no error', async (t) => {
  const state = await observe(t, {
    DescribeTargets: {
      Listeners: [tcpTargets([target('', { Type: 'srv', PrivateIpAddresses: null }), target('10.0.0.1')])],
    },
  });
  assert.deepEqual(
    state.listeners[0]?.backends.map((backend) => backend.address),
    ['10.0.0.1'],
  );
});

test('a domain-name balancer has a domain and no VIP; an IPv6 one shows its address in the short spelling', async (t) => {
  const domain = await observe(t, {
    DescribeLoadBalancers: balancers(balancer({ LoadBalancerVips: [], LoadBalancerDomain: 'lb-x.gz.clb.example' })),
  });
  assert.deepEqual([domain.vips, domain.domain], [[], 'lb-x.gz.clb.example']);
  const v6 = await observe(t, {
    DescribeLoadBalancers: balancers(balancer({ LoadBalancerVips: null, AddressIPv6: '2402:4E00:0:0::1' })),
    DescribeTargets: { Listeners: [tcpTargets([target('2402:4e00:0000::00A2')])] },
    DescribeTargetHealth: health({ 'lbl-tcp': { x: [targetHealth('2402:4E00::a2', 'Alive')] } }),
  });
  assert.deepEqual(v6.vips, ['2402:4e00::1']);
  assert.deepEqual(
    v6.listeners[0]?.backends.map(({ address, health }) => [address, health]),
    [['2402:4e00::a2', 'alive']],
  );
});

test('across regions the VPC of the backends counts', async (t) => {
  const TargetRegionInfo = { Region: 'ap-beijing', VpcId: 'vpc-2', NumericalVpcId: 222 };
  const state = await observe(t, { DescribeLoadBalancers: balancers(balancer({ TargetRegionInfo })) });
  assert.equal(state.numericVpcId, '222');
});

test('a private balancer, one being created and one isolated for a debt are distinguished', async (t) => {
  const read = (change: Record<string, unknown>) => observe(t, { DescribeLoadBalancers: balancers(balancer(change)) });
  assert.equal((await read({ LoadBalancerType: 'INTERNAL' })).network, 'private');
  assert.equal((await read({ Status: 0 })).running, false);
  assert.equal((await read({ Isolation: 1 })).running, false);
});

test('rescheduling at weight 0 shows in the flags, also where only its times are shown', async (t) => {
  const flags = async (change: Record<string, unknown>) =>
    (await observe(t, { DescribeListeners: listeners(tcpListener(change)) })).listeners[0]?.flags;
  assert.deepEqual(await flags({ AttrFlags: ['RescheduleTargetZeroWeight'] }), ['RescheduleTargetZeroWeight']);
  assert.deepEqual(await flags({ AttrFlags: null, RescheduleInterval: 30 }), ['RescheduleTargetZeroWeight']);
  assert.deepEqual(await flags({ AttrFlags: null }), []);
});

test('a target group on the listener or on one rule makes the whole listener one of target groups', async (t) => {
  const group = await observe(t, {
    DescribeListeners: listeners(tcpListener({ TargetType: 'TARGETGROUP-V2' })),
    DescribeTargets: { Listeners: [tcpTargets(null)] },
    DescribeTargetHealth: health({
      'lbl-tcp': { x: [targetHealth('10.0.0.1', 'Alive', { TargetGroupId: 'lbtg-1' })] },
    }),
  });
  assert.equal(group.listeners[0]?.targetType, 'TARGETGROUP-V2');
  assert.deepEqual(
    group.listeners[0]?.backends.map(({ address, weight }) => [address, weight]),
    [['10.0.0.1', 10]],
  );
  const oneRule = await observe(t, {
    DescribeListeners: listeners(httpListener([rule('loc-1'), rule('loc-2', { TargetType: null, TargetGroup: {} })])),
    DescribeTargets: { Listeners: [httpTargets({ 'loc-1': [], 'loc-2': [] })] },
    DescribeTargetHealth: health({ 'lbl-http': { 'loc-2': [] } }),
  });
  assert.equal(oneRule.listeners[0]?.targetType, 'TARGETGROUP');
});

test('a port range is named by its last port, and 0 is none', async (t) => {
  const range = await observe(t, { DescribeListeners: listeners(tcpListener({ EndPort: 90 })) });
  assert.equal(range.listeners[0]?.endPort, 90);
  assert.ok(!('endPort' in ((await observe(t, {})).listeners[0] ?? {})));
});

test('1,000 pods on 3 listeners cost one call of each kind', async (t) => {
  const ids = ['lbl-1', 'lbl-2', 'lbl-3'];
  const addresses = Array.from({ length: 1000 }, (_, index) => `10.1.${index >> 8}.${index & 255}`);
  const { observe, server } = await open(
    t,
    scriptOf({
      ...WELL,
      DescribeListeners: listeners(...ids.map((ListenerId, index) => tcpListener({ ListenerId, Port: 80 + index }))),
      DescribeTargets: {
        Listeners: ids.map((ListenerId, index) =>
          tcpTargets(
            addresses.map((address) => target(address)),
            { ListenerId, Port: 80 + index },
          ),
        ),
      },
      DescribeTargetHealth: health(
        Object.fromEntries(ids.map((id) => [id, { x: addresses.map((address) => targetHealth(address, 'Alive')) }])),
      ),
    }),
  );
  const state = await observe();
  assert.equal(state.listeners.flatMap((listener) => listener.backends).length, 3000);
  assert.ok(state.listeners.every((listener) => listener.backends.every((backend) => backend.health === 'alive')));
  assert.equal(server.received.length, 4);
});

test('45 listeners are asked for in three calls of at most 20, and none is missed', async (t) => {
  const ids = Array.from({ length: 45 }, (_, index) => `lbl-${index}`);
  const { observe, server } = await open(t, {
    ...scriptOf(WELL),
    DescribeListeners: () =>
      listeners(...ids.map((ListenerId, index) => tcpListener({ ListenerId, Port: 1000 + index }))),
    DescribeTargets: (request) => ({
      Listeners: (request.params['ListenerIds'] as string[]).map((ListenerId) =>
        tcpTargets([target('10.0.0.1')], { ListenerId, Port: 1000 + ids.indexOf(ListenerId) }),
      ),
    }),
  });
  const state = await observe();
  assert.ok(state.listeners.every((listener) => listener.backends.length === 1));
  const sizes = server.received
    .filter(({ action }) => action === 'DescribeTargets')
    .map(({ params }) => (params['ListenerIds'] as string[]).length);
  assert.deepEqual(sizes.sort(), [20, 20, 5]);
});

for (const [name, change] of [
  ['port', { Port: 81 }],
  ['protocol', { Protocol: 'UDP' }],
] as const) {
  test(`targets of a listener at another ${name} than was asked for are no answer`, async (t) => {
    const answer = { Listeners: [tcpTargets([target('10.0.0.1', { Weight: 0 })], change)] };
    await assert.rejects(
      observe(t, { DescribeTargets: answer }),
      (error) => error instanceof CloudError && /DescribeTargets of listener lbl-tcp was asked for/.test(error.message),
    );
  });
  test(`the health of a listener at another ${name} than was asked for is no answer`, async (t) => {
    const well = health({ 'lbl-tcp': { x: [targetHealth('10.0.0.1', 'Alive')] } });
    const [shown] = well['LoadBalancers'] as { LoadBalancerId: string; Listeners: Record<string, unknown>[] }[];
    const wrong = { ...shown, Listeners: shown?.Listeners.map((each) => ({ ...each, ...change })) };
    await assert.rejects(
      observe(t, { DescribeTargetHealth: { LoadBalancers: [wrong] } }),
      (error) =>
        error instanceof CloudError && /DescribeTargetHealth of listener lbl-tcp was asked/.test(error.message),
    );
  });
}

test('settings are used again for half a minute, weights and health never', async (t) => {
  let weight = 10;
  const { observe, server, clock } = await open(t, {
    ...scriptOf(WELL),
    DescribeTargets: () => ({ Listeners: [tcpTargets([target('10.0.0.1', { Weight: weight })])] }),
  });
  await observe();
  weight = 0;
  const state = await observe();
  assert.equal(state.listeners[0]?.backends[0]?.weight, 0);
  assert.equal(server.count('DescribeListeners'), 1);
  assert.equal(server.count('DescribeTargetHealth'), 2);
  await clock.sleep(30_000);
  await observe();
  assert.equal(server.count('DescribeListeners'), 2);
});

test('health that is not wanted is not asked for, and unknown; it is asked for where it alone can show that', async (t) => {
  const { port, server } = await open(t, scriptOf(WELL));
  const weights = async (where: typeof port) =>
    (await where.observe({ id: BALANCER, region: REGION }, { health: false })).listeners[0];
  const bare = await weights(port);
  assert.deepEqual(
    bare?.backends.map(({ health }) => health),
    bare?.backends.map(() => 'unknown'),
  );
  assert.ok((bare?.backends.length ?? 0) > 0);
  assert.equal(server.count('DescribeTargetHealth'), 0);
  const group = await open(t, {
    ...scriptOf(WELL),
    DescribeListeners: () => listeners(tcpListener({ TargetType: 'TARGETGROUP' })),
    DescribeTargets: () => ({ Listeners: [tcpTargets([])] }),
  });
  assert.equal((await weights(group.port))?.backends.length, 2);
  const empty = await open(t, {
    ...scriptOf(WELL),
    DescribeTargets: () => ({ Listeners: [tcpTargets(null)] }),
    DescribeTargetHealth: () => health({ 'lbl-tcp': { 'loc-x': [] } }),
  });
  assert.deepEqual((await weights(empty.port))?.backends, []);
  assert.equal(empty.server.count('DescribeTargetHealth'), 1);
});

test('a listener that went away since its settings were read is noticed by reading them again', async (t) => {
  let there = [tcpListener(), tcpListener({ ListenerId: 'lbl-gone', Port: 81 })];
  const { observe } = await open(t, {
    ...scriptOf(WELL),
    DescribeListeners: () => listeners(...there),
    DescribeTargets: () => ({
      Listeners: there.map(({ ListenerId, Port }) => tcpTargets([target('10.0.0.1')], { ListenerId, Port })),
    }),
  });
  assert.equal((await observe()).listeners.length, 2);
  there = there.slice(0, 1);
  assert.equal((await observe()).listeners.length, 1);
});

for (const [name, reply] of [
  ['an empty set', balancers()],
  ['LBIdNotFound', { error: 'InvalidParameter.LBIdNotFound' }],
  ['another balancer', balancers(balancer({ LoadBalancerId: 'lb-other' }))],
] as [string, Reply][]) {
  test(`a balancer that is not in the region (${name}) names region, its origin and --region`, async (t) => {
    await assert.rejects(observe(t, { DescribeLoadBalancers: reply }), (error) => {
      assert.ok(error instanceof CloudError);
      assert.match(error.message, /no load balancer lb-a1b2c3d4 in region ap-guangzhou .*cross-region-id/);
      assert.match(error.hint ?? '', /--region/);
      assert.match(error.requestId ?? '', /^request-/);
      return true;
    });
  });
}

test('the region is the flag, else the Service, else the environment, and nodes are asked only when none of them is given', async (t) => {
  let asked = 0;
  const nodeLabels = async () => {
    asked += 1;
    return [{ 'topology.kubernetes.io/region': 'cd' }];
  };
  const regionOf = async (options: ConnectedOptions, region?: string) => {
    const { port, server } = await open(t, scriptOf(WELL), { ...options, nodeLabels });
    await port.observe({ id: BALANCER, ...(region === undefined ? {} : { region }) });
    return server.received[0]?.region;
  };
  const env = { TENCENTCLOUD_SECRET_ID: 'AKID', TENCENTCLOUD_SECRET_KEY: 'k', TENCENTCLOUD_REGION: 'ap-nanjing' };
  assert.equal(await regionOf({ env, flags: { region: 'ap-beijing' } }, 'ap-shanghai'), 'ap-beijing');
  assert.equal(await regionOf({ env }, 'ap-shanghai'), 'ap-shanghai');
  assert.equal(await regionOf({ env }), 'ap-nanjing');
  assert.equal(asked, 0);
  assert.equal(await regionOf({}), 'ap-chengdu');
});

test('without a region from anywhere nothing is asked, and the error says how to name one', async (t) => {
  const { port, server } = await open(t, scriptOf(WELL));
  await assert.rejects(
    port.observe({ id: BALANCER }),
    (error) => error instanceof ConnectionError && /--region/.test(error.hint ?? ''),
  );
  assert.equal(server.received.length, 0);
});
