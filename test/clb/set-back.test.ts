import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLimiter } from '../../lib/clb/calls/limiter.ts';
import { createLoadBalancer } from '../../lib/clb/clb-load-balancer.ts';
import { CloudError } from '../../lib/core/errors.ts';
import { FakeClock } from '../fakes/clock.ts';
import { BALANCER, balancer, balancers, health, listeners, target, tcpListener, tcpTargets } from './answers.ts';
import { connected } from './connected.ts';

const HOUR = 3_600_000;
const AT = { region: 'ap-guangzhou' };

/** A time service finds that the machine was an hour ahead. */
function setBack(clock: FakeClock): void {
  const { now } = clock;
  clock.now = () => now.call(clock) - HOUR;
}

test('a clock that is set back by an hour holds the next call up for a second at most', async () => {
  const clock = new FakeClock();
  const limiter = createLimiter(clock, 1);
  (await limiter.take('x'))();
  setBack(clock);
  await limiter.take('x');
  assert.deepEqual(clock.sleeps, [1000]);
});

test('a clock that is set back by an hour does not put the deadline of a call off by an hour', async (t) => {
  const clock = new FakeClock({ maxSleeps: 100 });
  const { cloud, server } = await connected(
    t,
    {
      DescribeListeners: (_, nth) => {
        if (nth === 2) setBack(clock);
        return { error: 'RequestLimitExceeded' };
      },
    },
    { clock },
  );
  await assert.rejects(
    cloud.call('clb', 'DescribeListeners', { LoadBalancerId: BALANCER }, AT),
    (error) => error instanceof CloudError && error.retryable,
  );
  assert.ok(clock.sleeps.reduce((sum, ms) => sum + ms, 0) <= 61_000);
  assert.ok(server.count('DescribeListeners') > 2);
});

test('a clock that is set back by an hour does not keep the settings of a listener for an hour', async (t) => {
  let ids = ['lbl-tcp'];
  const { cloud, clock } = await connected(t, {
    DescribeLoadBalancers: () => balancers(balancer()),
    DescribeListeners: () =>
      listeners(...ids.map((ListenerId, index) => tcpListener({ ListenerId, Port: 80 + index }))),
    DescribeTargets: () => ({
      Listeners: ids.map((ListenerId, index) => tcpTargets([target('10.0.0.1')], { ListenerId, Port: 80 + index })),
    }),
    DescribeTargetHealth: () => health({}),
  });
  const port = createLoadBalancer(cloud, clock);
  const seen = async () =>
    (await port.observe({ id: BALANCER, ...AT }, { health: false })).listeners.map(({ id }) => id);
  assert.deepEqual(await seen(), ['lbl-tcp']);
  ids = ['lbl-tcp', 'lbl-new'];
  setBack(clock);
  assert.deepEqual(await seen(), ['lbl-tcp', 'lbl-new']);
});
