import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CloudError, ConnectionError } from '../../../lib/core/errors.ts';
import { createClbMonitor } from '../../../lib/sources/clb-monitor/clb-monitor.ts';
import { connected } from '../../clb/connected.ts';
import type { Received } from '../../clb/fake-cloud.ts';
import { FakeClock } from '../../fakes/clock.ts';
import { dimensions, pods, type World } from './backends.ts';
import { metricSet, monitorScript, NAMES } from './fake-monitor.ts';
import { busy, idle, MINUTE, open, T0 } from './open-monitor.ts';

test('a backend can be counted when a serving sibling of its listener has points', async (t) => {
  const { prove, server } = await open(t, { series: [busy(1)] });
  const proof = await prove();
  assert.equal(proof?.countable, true);
  assert.match(proof?.because ?? '', /up to 7 connections on nginx-1 every 60 s .*health checks may be counted/);
  const asked = server.received.find(({ action }) => action === 'GetMonitorData')?.params;
  assert.equal(asked?.['Namespace'], 'QCE/LB_PUBLIC');
  assert.equal(asked?.['StartTime'], '2026-01-01T07:45:00+08:00');
  assert.equal(asked?.['EndTime'], '2026-01-01T08:00:00+08:00');
});

test('points that are all 0 prove the series too, and the line shows that they are 0', async (t) => {
  const { prove } = await open(t, { series: [idle(1)] });
  const proof = await prove();
  assert.equal(proof?.countable, true);
  assert.match(proof?.because ?? '', /all of it 0 so far/);
});

for (const [name, wrong] of [
  ['the VPC id as text', { vpcId: 'vpc-1' }],
  ['another VIP', { vip: '203.0.113.1' }],
  ['a protocol in lower case', { protocol: 'tcp' }],
] as const) {
  test(`series kept under other dimensions (${name}) are empty, so the backend cannot be counted`, async (t) => {
    const { prove } = await open(t, { series: [{ dimensions: dimensions(1, wrong), wave: () => 7 }] });
    const proof = await prove();
    assert.equal(proof?.countable, false);
    assert.match(proof?.because ?? '', /no points of ConNum .*wrong dimensions and no traffic look the same/);
  });
}

test('a sibling at weight 0 or on another listener proves nothing', async (t) => {
  const { drained, siblings } = pods();
  const alsoDrained = siblings.map((each) => ({
    ...each,
    listener: { ...each.listener, backends: each.listener.backends.map((backend) => ({ ...backend, weight: 0 })) },
  }));
  const elsewhere = pods({ listener: { id: 'lbl-2' } }).siblings;
  const { source } = await open(t, { series: [busy(1), busy(2)] });
  const [proof] = await source.prove([drained], [...alsoDrained, ...elsewhere]);
  assert.equal(proof?.countable, false);
});

test('the own past of a backend is proof, with or without a serving sibling', async (t) => {
  const { prove } = await open(t, { series: [busy(0)] });
  assert.equal((await prove([]))?.countable, true);
  assert.equal((await prove())?.countable, true);
});

for (const [name, metrics, because] of [
  ['is not announced', [], /does not announce ConNum in/],
  [
    'has no dimension set per backend',
    [metricSet('ConNum', { Dimensions: [{ Dimensions: ['vip'] }] })],
    /not announce ConNum per backend .*\(vip\)/,
  ],
  [
    'has a set with one dimension more than a backend',
    [metricSet('ConNum', { Dimensions: [{ Dimensions: [...NAMES, 'domain'] }] })],
    /not announce ConNum per backend/,
  ],
  ['has no dimensions at all', [metricSet('ConNum', { Dimensions: null })], /dimension sets are none/],
  ['has no period', [metricSet('ConNum', { Period: null, Periods: null })], /no usable period/],
  ['is of another namespace', [metricSet('ConNum', { Namespace: 'QCE/LB_PRIVATE' })], /does not announce ConNum in/],
  ['has hourly points only', [metricSet('ConNum', { Period: [3600] })], /no usable period/],
] as [string, Record<string, unknown>[], RegExp][]) {
  test(`a metric that ${name} cannot count, and no data is asked for`, async (t) => {
    const { prove, server } = await open(t, { series: [busy(1)], metrics });
    const proof = await prove();
    assert.equal(proof?.countable, false);
    assert.match(proof?.because ?? '', because);
    assert.equal(server.count('GetMonitorData'), 0);
  });
}

test('the finest announced period is used', async (t) => {
  const { prove, read } = await open(t, {
    series: [busy(1)],
    metrics: [metricSet('ConNum', { Period: [300, 1, 60] })],
  });
  await prove();
  assert.deepEqual((await read(T0))?.cadence, { kind: 'interval', periodMs: 1000, settleMs: 2000 });
});

test('a period must be a whole number of seconds, and may be given as text alone', async (t) => {
  for (const [change, periodMs] of [
    [{ Period: [0.5, 60] }, 60_000],
    [{ Period: null, Periods: [{ Period: '300' }, { Period: '10' }] }, 10_000],
  ] as const) {
    const { read } = await open(t, { series: [busy(0)], metrics: [metricSet('ConNum', change)] });
    assert.equal((await read(T0))?.cadence.periodMs, periodMs);
  }
});

test('metrics that are read together are read at a period that both have', async (t) => {
  const metrics = [metricSet('ConNum', { Period: [10, 60] }), metricSet('InPkg', { Period: [60, 300] })];
  const world = { listener: { protocol: 'UDP' } };
  const { read } = await open(t, { series: [], metrics }, world);
  assert.equal((await read(T0))?.cadence.periodMs, MINUTE);
  const apart = [metricSet('ConNum', { Period: [10] }), metricSet('InPkg', { Period: [60] })];
  const { prove } = await open(t, { series: [], metrics: apart }, world);
  assert.match((await prove())?.because ?? '', /keeps ConNum and InPkg at different periods/);
});

test('a metric that could not be announced is asked for again', async (t) => {
  const script = monitorScript({ series: [busy(1)] });
  const { prove } = await open(t, {
    ...script,
    DescribeBaseMetrics: (request, turn) =>
      turn === 1 ? { error: 'FailedOperation.Odd' } : (script['DescribeBaseMetrics']?.(request, turn) ?? {}),
  });
  assert.equal((await prove())?.countable, false);
  assert.equal((await prove())?.countable, true);
});

test('each listener is read at the period that it was proved at', async (t) => {
  const other = pods({ listener: { id: 'lbl-2', port: 81 } });
  const of81 = (ordinal: number) => dimensions(ordinal, { loadBalancerPort: '81' });
  const { source, drained, siblings } = await open(t, {
    series: [busy(1), { dimensions: of81(1), wave: () => 7 }],
    metrics: [metricSet('ConNum', { Period: [10, 60] })],
    // Port 80 has no points every ten seconds.
    dataPoints: (points: Record<string, unknown>[], { params }: Received) =>
      points.filter(({ Dimensions }) => params['Period'] === 60 || JSON.stringify(Dimensions).includes('"81"')),
  });
  await source.prove([drained, other.drained], [...siblings, ...other.siblings]);
  const series = await source.read([drained, other.drained], T0);
  assert.deepEqual(
    series.map(({ cadence }) => cadence.periodMs),
    [60_000, 10_000],
  );
});

test('TCP and UDP backends that are read together are each asked for their own metrics', async (t) => {
  const udp = pods({ listener: { id: 'lbl-2', protocol: 'UDP' } }).drained;
  const protocol = 'UDP';
  const { source, drained, clock } = await open(t, {
    series: [
      idle(0),
      { dimensions: dimensions(0, { protocol }), wave: () => 0 },
      { metric: 'InPkg', dimensions: dimensions(0, { protocol }), wave: () => 3 },
    ],
  });
  await clock.sleep(3 * MINUTE);
  const series = await source.read([drained, udp], T0);
  assert.deepEqual(
    series.map(({ points }) => points[0]?.value),
    [0, 3],
  );
});

test('a period that is announced but not kept per backend gives way to the next', async (t) => {
  const options = { series: [busy(1)], metrics: [metricSet('ConNum', { Period: [10, 60] })], keptPeriods: [60] };
  const { prove, read } = await open(t, options);
  assert.match((await prove())?.because ?? '', /every 60 s/);
  assert.equal((await read(T0))?.cadence.periodMs, MINUTE);
});

test('a private balancer is asked in its own namespace', async (t) => {
  const { prove, server } = await open(t, { series: [busy(1)] }, { balancer: { network: 'private' } });
  await prove();
  assert.ok(server.received.every(({ params }) => params['Namespace'] === 'QCE/LB_PRIVATE'));
});

for (const [name, world, because] of [
  [
    'a balancer with a domain and no VIP',
    { balancer: { vips: [], domain: 'lb.example' } },
    /no VIP \(only the domain lb\.example\)/,
  ],
  ['a balancer with several VIPs', { balancer: { vips: ['203.0.113.1', '2402:4e00::1'] } }, /several VIPs/],
  ['a port range', { listener: { endPort: 90 } }, /range of ports \(80-90\)/],
  ['an unknown numeric VPC id', { balancer: { numericVpcId: '' } }, /numeric VPC id/],
] as [string, World, RegExp][]) {
  test(`${name} cannot be counted here, and reading it is an error`, async (t) => {
    const { prove, read, server } = await open(t, { series: [busy(1)] }, world);
    const proof = await prove();
    assert.equal(proof?.countable, false);
    assert.match(proof?.because ?? '', because);
    await assert.rejects(read(T0), ConnectionError);
    assert.equal(server.received.length, 0);
  });
}

for (const protocol of ['TCP_SSL', 'QUIC', 'HTTP', 'HTTPS']) {
  test(`a ${protocol} listener can be counted only if a series exists under that protocol`, async (t) => {
    const world = { listener: { protocol } };
    const series = ['ConNum', 'InPkg'].map((metric) => ({
      metric,
      dimensions: dimensions(1, { protocol }),
      wave: () => 2,
    }));
    const kept = await open(t, { series }, world);
    assert.equal((await kept.prove())?.countable, true);
    const other = await open(t, { series: [busy(1)] }, world);
    assert.equal((await other.prove())?.countable, false);
  });
}

test('a series is named by the port of its listener and the port of its pod, each in its own dimension', async (t) => {
  const world = { listener: { port: 8080 } };
  const kept = { dimensions: dimensions(0, { loadBalancerPort: '8080' }), wave: () => 2 };
  assert.equal((await (await open(t, { series: [kept] }, world)).prove([]))?.countable, true);
  for (const wrong of [
    { loadBalancerPort: '80', port: '80' },
    { loadBalancerPort: '8080', port: '8080' },
  ]) {
    const other = { dimensions: dimensions(0, wrong), wave: () => 2 };
    assert.equal((await (await open(t, { series: [other] }, world)).prove([]))?.countable, false);
  }
});

test('a listener of another balancer proves nothing, although it has the same id', async (t) => {
  const { drained } = pods();
  const elsewhere = pods({ balancer: { id: 'lb-2' } }).siblings;
  const { source } = await open(t, { series: [busy(1), busy(2)] });
  assert.equal((await source.prove([drained], elsewhere))[0]?.countable, false);
});

/** Twelve more siblings that serve, the last one with the largest weight. */
const crowd = () => {
  const siblings = Array.from({ length: 12 }, (_, index) => ({
    ...pods().drained,
    pod: `nginx-${index + 1}`,
    address: `10.0.0.${index + 2}`,
  }));
  const bound = siblings.map(({ address }, index) => ({
    listenerId: 'lbl-1',
    address,
    port: 80,
    weight: index + 1,
    health: 'alive' as const,
  }));
  return siblings.map((each) => ({ ...each, listener: { ...each.listener, backends: bound } }));
};

test('of many siblings the seven with the largest weights are asked, with the own past, in one call', async (t) => {
  const heaviest = await open(t, { series: [busy(12)] });
  assert.match((await heaviest.prove(crowd()))?.because ?? '', /7 connections on nginx-12/);
  const [call] = heaviest.server.received.filter(({ action }) => action === 'GetMonitorData');
  assert.equal((call?.params['Instances'] as unknown[] | undefined)?.length, 8);
  const own = await open(t, { series: [busy(0)] });
  assert.equal((await own.prove(crowd()))?.countable, true);
  const many = Array.from({ length: 9 }, (_, index) => ({ ...pods().drained, podUid: `uid-${index}` }));
  await own.source.prove(many, crowd());
  const sizes = own.server.received
    .filter(({ action }) => action === 'GetMonitorData')
    .map(({ params }) => (params['Instances'] as unknown[]).length);
  assert.deepEqual(sizes, [8, 10]);
});

test('the sibling with the most connections is named', async (t) => {
  const waves = [
    { dimensions: dimensions(1), wave: () => 3 },
    { dimensions: dimensions(2), wave: () => 9 },
  ];
  assert.match((await (await open(t, { series: waves })).prove())?.because ?? '', /up to 9 connections on nginx-2/);
});

test('points without a number prove nothing', async (t) => {
  const { prove } = await open(t, { series: [{ dimensions: dimensions(1), wave: () => 'NaN' }] });
  assert.equal((await prove())?.countable, false);
});

test('for UDP both metrics must have points', async (t) => {
  const protocol = 'UDP';
  const flows = { dimensions: dimensions(1, { protocol }), wave: () => 5 };
  const { prove } = await open(t, { series: [flows] }, { listener: { protocol } });
  assert.equal((await prove())?.countable, false);
  const both = await open(t, { series: [flows, { ...flows, metric: 'InPkg' }] }, { listener: { protocol } });
  assert.equal((await both.prove())?.countable, true);
});

test('an IPv6 balancer is asked by its IPv6 address', async (t) => {
  const world = { balancer: { vips: ['2402:4e00::1'] } };
  const { prove } = await open(
    t,
    { series: [{ dimensions: dimensions(1, { vip: '2402:4e00::1' }), wave: () => 2 }] },
    world,
  );
  assert.equal((await prove())?.countable, true);
});

test('a cloud that refuses the metrics leaves counting to others, with code and RequestId', async (t) => {
  const { prove } = await open(t, { DescribeBaseMetrics: () => ({ error: 'UnauthorizedOperation' }) });
  const proof = await prove();
  assert.equal(proof?.countable, false);
  assert.match(proof?.because ?? '', /UnauthorizedOperation, RequestId request-1/);
});

test('refused credentials end the proof with an error', async (t) => {
  const { prove } = await open(t, { DescribeBaseMetrics: () => ({ error: 'AuthFailure.TokenFailure' }) });
  await assert.rejects(prove(), (error) => error instanceof CloudError && error.code === 'AuthFailure.TokenFailure');
});

for (const [what, error, isPassing] of [
  ['is throttled for longer than a call lasts', 'RequestLimitExceeded', true],
  ['stumbles for as long', 'InternalError', true],
  ['refuses the permission', 'UnauthorizedOperation', false],
  ['says what nobody knows', 'FailedOperation.NeverHeardOf', false],
] as const)
  test(`a cloud that ${what} when it is asked for proof ${isPassing ? 'may be asked again' : 'cannot count'}`, async (t) => {
    const { prove } = await open(t, { ...monitorScript({ series: [busy(1)] }), GetMonitorData: () => ({ error }) });
    if (isPassing) await assert.rejects(prove(), (thrown) => thrown instanceof CloudError && thrown.retryable);
    else assert.equal((await prove())?.countable, false);
  });

test('an announcement is asked for once, for any number of backends at the same time', async (t) => {
  const { source, drained, siblings, server } = await open(t, { series: [idle(0), busy(1)] });
  await source.read([drained, ...siblings], T0 - 10 * MINUTE).catch(() => undefined);
  const asked = server.received.filter(
    ({ action, params }) => action === 'DescribeBaseMetrics' && params?.['MetricName'] === 'ConNum',
  );
  assert.equal(asked.length, 1);
});

test('a clock that is off by more than a period cannot count by the cloud’s points, and a wait goes on once it is set', async (t) => {
  const fine = [metricSet('ConNum', { Period: [10, 60], Periods: [] })];
  const script = monitorScript({ series: [busy(0), busy(1)], metrics: fine });
  const { cloud, clock } = await connected(t, script, { clock: new FakeClock({ startMs: T0 }) });
  const { drained, siblings } = pods();
  let aheadMs: number | undefined = -90_000;
  const monitor = createClbMonitor(cloud, clock, () => aheadMs);
  const prove = async () => (await monitor.prove([drained], siblings))[0];
  const off = await prove();
  assert.equal(off?.countable, false);
  assert.match(off?.because ?? '', /clock is 90s behind the API server's/);
  aheadMs = 30_000;
  assert.match((await prove())?.because ?? '', /every 60 s/, 'finer points need a finer clock');
  aheadMs = -61_000;
  await assert.rejects(
    monitor.read([drained], T0),
    (error) => error instanceof ConnectionError && error.retryable && /61s behind/.test(error.message),
  );
  for (aheadMs of [0, undefined]) assert.equal((await monitor.read([drained], T0)).length, 1);
});

test('points that are finer are not final sooner: the newest two minutes prove nothing', async (t) => {
  const fine = [metricSet('ConNum', { Period: [10, 60], Periods: [] })];
  const { source, drained, siblings } = await open(t, { series: [idle(0), busy(1)], metrics: fine });
  assert.match((await source.prove([drained], siblings))[0]?.because ?? '', /every 10 s/);
  assert.deepEqual((await source.read([drained], T0))[0]?.cadence, {
    kind: 'interval',
    periodMs: 10_000,
    settleMs: 120_000,
  });
});
