import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createLoadBalancer } from '../../lib/clb/clb-load-balancer.ts';
import { CloudError } from '../../lib/core/errors.ts';
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
} from './answers.ts';
import { connected } from './connected.ts';
import type { Reply } from './fake-cloud.ts';

const GROUP = { TargetType: 'TARGETGROUP', TargetGroup: { TargetGroupId: 'lbtg-1' } };

/** Rule (empty on layer 4), address and weight of every backend. */
async function seen(
  t: TestContext,
  answers: { DescribeListeners: Reply; DescribeTargets: Reply; DescribeTargetHealth: Reply },
) {
  const { cloud, clock } = await connected(t, {
    DescribeLoadBalancers: () => balancers(balancer()),
    ...Object.fromEntries(Object.entries(answers).map(([action, reply]) => [action, () => reply])),
  });
  const state = await createLoadBalancer(cloud, clock).observe({ id: BALANCER, region: 'ap-guangzhou' });
  return state.listeners
    .flatMap(({ backends }) => backends)
    .map(({ ruleId = '', address, weight }) => [ruleId, address, weight]);
}

/** Rule a has its own targets, rule b those of a group. */
const mixed = (targets: Parameters<typeof httpTargets>[0], perRule: Parameters<typeof health>[0][string]) => ({
  DescribeListeners: listeners(httpListener([rule('a'), rule('b', GROUP)])),
  DescribeTargets: { Listeners: [httpTargets(targets)] },
  DescribeTargetHealth: health({ 'lbl-http': perRule }),
});

test('a pod at weight 0 on one rule and in the target group of another is shown with both weights', async (t) => {
  const zero = [target('10.0.0.1', { Weight: 0 })];
  const inGroup = [targetHealth('10.0.0.1', 'Alive', { Weight: 10, TargetGroupId: 'lbtg-1' })];
  const direct = [targetHealth('10.0.0.1', 'Alive', { Weight: 0 })];
  assert.deepEqual(await seen(t, mixed({ a: zero, b: null }, { a: direct, b: inGroup })), [
    ['a', '10.0.0.1', 0],
    ['b', '10.0.0.1', 10],
  ]);
});

test('a target group in which there is nothing is empty when the health answer says so', async (t) => {
  assert.deepEqual(await seen(t, mixed({ a: [], b: null }, { a: [], b: [] })), []);
  const layer4 = {
    DescribeListeners: listeners(tcpListener(GROUP)),
    DescribeTargets: { Listeners: [tcpTargets(null)] },
    DescribeTargetHealth: health({ 'lbl-tcp': { x: [] } }),
  };
  assert.deepEqual(await seen(t, layer4), []);
});

const refused = (t: TestContext, answers: Parameters<typeof seen>[1], where: RegExp) =>
  assert.rejects(seen(t, answers), (error) => {
    assert.ok(error instanceof CloudError, String(error));
    assert.equal(error.code, 'MalformedAnswer');
    assert.match(error.message, where);
    return true;
  });

for (const [what, perListener] of [
  ['leaves out', {}],
  ['has no list of targets for', { 'lbl-tcp': { x: null } }],
] as const)
  test(`a listener of a target group that the health answer ${what} is an error, not a listener that binds nothing`, async (t) => {
    for (const own of [[tcpTargets(null)], [tcpTargets([])], []])
      await refused(
        t,
        {
          DescribeListeners: listeners(tcpListener(GROUP)),
          DescribeTargets: { Listeners: own },
          DescribeTargetHealth: health(perListener),
        },
        /DescribeTargetHealth has no list of targets of listener lbl-tcp/,
      );
  });

test('a rule of a target group that the health answer leaves out is an error, though another rule is there', async (t) => {
  const direct = [targetHealth('10.0.0.1', 'Alive')];
  for (const b of [null, []])
    await refused(t, mixed({ a: [target('10.0.0.1')], b }, { a: direct }), /no list of targets for rule b of listener/);
  const wholly = {
    DescribeListeners: listeners(httpListener([rule('a', { TargetType: null })], GROUP)),
    DescribeTargets: { Listeners: [httpTargets({ a: [] })] },
    DescribeTargetHealth: health({ 'lbl-http': {} }),
  };
  await refused(t, wholly, /no list of targets for rule a of listener/);
});

test('a rule with targets of its own beside one of a target group must have its list too', async (t) => {
  const inGroup = [targetHealth('10.0.0.2', 'Alive', { Weight: 10 })];
  await refused(t, mixed({ a: null, b: null }, { b: inGroup }), /no list of targets for rule a of listener/);
  assert.deepEqual(await seen(t, mixed({ a: null, b: null }, { a: [], b: inGroup })), [['b', '10.0.0.2', 10]]);
});
