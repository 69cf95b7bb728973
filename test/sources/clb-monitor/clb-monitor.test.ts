import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Cloud } from '../../../lib/clb/cloud.ts';
import { CloudError, ConnectionError } from '../../../lib/core/errors.ts';
import type { CountedBackend, Point } from '../../../lib/ports.ts';
import { createClbMonitor } from '../../../lib/sources/clb-monitor/clb-monitor.ts';
import { readMonitorData } from '../../../lib/sources/clb-monitor/monitor-data.ts';
import { connected } from '../../clb/connected.ts';
import type { Received, Script } from '../../clb/fake-cloud.ts';
import { FakeClock } from '../../fakes/clock.ts';
import { dimensions, pods, type World } from './backends.ts';
import { type MonitorOptions, metricSet, monitorScript, NAMES } from './fake-monitor.ts';

const MINUTE = 60_000;
const T0 = Date.UTC(2026, 0, 1);
const busy = (ordinal: number) => ({ dimensions: dimensions(ordinal), wave: () => 7 });
const idle = (ordinal: number) => ({ dimensions: dimensions(ordinal), wave: () => 0 });

async function open(t: TestContext, script: MonitorOptions | Script, world: World = {}) {
  const full = 'series' in script ? monitorScript(script as MonitorOptions) : (script as Script);
  const clock = new FakeClock({ startMs: T0 });
  const connection = await connected(t, full, { clock });
  const source = createClbMonitor(connection.cloud, clock);
  const { drained, siblings } = pods(world);
  return {
    ...connection,
    source,
    drained,
    siblings,
    prove: async (others: readonly CountedBackend[] = siblings) => (await source.prove([drained], others))[0],
    read: async (sinceMs: number) => (await source.read([drained], sinceMs))[0],
  };
}

const minutes = (points: readonly Point[] | undefined) =>
  points?.map(({ atMs, value }) => [(atMs - T0) / MINUTE, value]);

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

test('a series has every point since the moment asked for, in order, with what is missing as null', async (t) => {
  const values: Record<number, unknown> = { 0: 9, 1: 3, 2: 0, 4: -1, 5: null, 6: 'x', 8: 0, 9: 2 };
  const wave = (at: number) => values[(at * 1000 - T0) / MINUTE];
  const { read, clock } = await open(t, { series: [{ dimensions: dimensions(0), wave }] });
  await clock.sleep(10 * MINUTE);
  const series = await read(T0 + MINUTE);
  assert.equal(series?.source, 'clb');
  assert.deepEqual(series?.cadence, { kind: 'interval', periodMs: MINUTE, settleMs: 2 * MINUTE });
  assert.deepEqual(minutes(series?.points), [
    [1, 3],
    [2, 0],
    [3, null],
    [4, null],
    [5, null],
    [6, null],
    [7, null],
    [8, 0],
    [9, 2],
  ]);
});

test('a series without any data is a row of nulls, never of zeros', async (t) => {
  for (const dataPoints of [() => [], () => [{ Dimensions: null, Timestamps: null, Values: null }], undefined]) {
    const { read, clock } = await open(t, { series: [], ...(dataPoints && { dataPoints }) });
    await clock.sleep(5 * MINUTE);
    assert.deepEqual(minutes((await read(T0))?.points), [
      [0, null],
      [1, null],
      [2, null],
      [3, null],
    ]);
  }
});

test('nothing is asked for before a period has begun since the moment that is asked about', async (t) => {
  const { read, server, clock } = await open(t, { series: [idle(0)] });
  await clock.sleep(20_000);
  const sinceMs = clock.now();
  await clock.sleep(39_000);
  const early = await read(sinceMs);
  assert.deepEqual([early?.points, early?.cadence.periodMs], [[], MINUTE]);
  assert.equal(server.count('GetMonitorData'), 0);
  await clock.sleep(1000);
  assert.deepEqual(minutes((await read(sinceMs))?.points), [[1, 0]]);
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

test('points that come late appear in the next read', async (t) => {
  let delay = 4;
  const clock = new FakeClock({ startMs: T0 });
  const wave = (at: number) => (at * 1000 <= clock.now() - delay * MINUTE ? 0 : undefined);
  await clock.sleep(6 * MINUTE);
  const { cloud } = await connected(t, monitorScript({ series: [{ dimensions: dimensions(0), wave }] }), { clock });
  const monitor = createClbMonitor(cloud, clock);
  const read = async () => minutes((await monitor.read([pods().drained], T0))[0]?.points);
  assert.deepEqual(await read(), [
    [0, 0],
    [1, 0],
    [2, 0],
    [3, null],
    [4, null],
  ]);
  delay = 1;
  assert.deepEqual(await read(), [
    [0, 0],
    [1, 0],
    [2, 0],
    [3, 0],
    [4, 0],
    [5, 0],
  ]);
});

test('points off the whole minute are kept at their own time, and not taken for missing', async (t) => {
  const { cloud, clock } = await connected(
    t,
    monitorScript({
      series: [],
      dataPoints: (points) =>
        points.map((point) => ({ ...point, Timestamps: [90, 150, 210].map((s) => T0 / 1000 + s), Values: [1, 2, 3] })),
    }),
    { clock: new FakeClock({ startMs: T0 }) },
  );
  await clock.sleep(5 * MINUTE);
  const [series] = await createClbMonitor(cloud, clock).read([pods().drained], T0 + 70_000);
  assert.deepEqual(minutes(series?.points), [
    [1.5, 1],
    [2.5, 2],
    [3.5, 3],
  ]);
});

test('of two readings of one moment the busier counts, and an unknown one spoils it', async (t) => {
  const twice = (values: unknown[]) => ({
    series: [],
    dataPoints: (points: Record<string, unknown>[]) =>
      values.flatMap((value) => points.map((point) => ({ ...point, Timestamps: [T0 / 1000], Values: [value] }))),
  });
  for (const [values, expected] of [
    [[0, 4], 4],
    [[0, null], null],
    [['NaN', 0], null],
  ] as [unknown[], number | null][]) {
    const { read } = await open(t, twice(values));
    assert.deepEqual(minutes((await read(T0))?.points), [[0, expected]]);
  }
});

for (const [name, dataPoints] of [
  [
    'more timestamps than values',
    (points: Record<string, unknown>[]) => points.map((point) => ({ ...point, Timestamps: [1, 2], Values: [0] })),
  ],
  [
    'a timestamp that is no number',
    (points: Record<string, unknown>[]) => points.map((point) => ({ ...point, Timestamps: ['x'], Values: [0] })),
  ],
  [
    'neither timestamps nor values that are lists',
    (points: Record<string, unknown>[]) => points.map((point) => ({ ...point, Timestamps: 1, Values: 0 })),
  ],
  [
    'values that are no list',
    (points: Record<string, unknown>[]) => points.map((point) => ({ ...point, Timestamps: [1], Values: 0 })),
  ],
] as const) {
  test(`an answer with ${name} is an error`, async (t) => {
    const { read } = await open(t, { series: [idle(0)], dataPoints });
    await assert.rejects(read(T0), (error) => error instanceof CloudError && error.code === 'MalformedAnswer');
  });
}

test('a value beyond all numbers is no count', async () => {
  const named = Object.entries(dimensions(0)).map(([Name, Value]) => ({ Name, Value }));
  const cloud: Cloud = {
    regions: {},
    credentials: async () => '',
    // 1e999 is JSON, and more than any number.
    call: async () =>
      JSON.parse(
        JSON.stringify({ Period: 60, DataPoints: [{ Dimensions: named, Timestamps: [60], Values: [7] }] }).replace(
          '[7]',
          '[1e999]',
        ),
      ),
  };
  const request = { namespace: 'n', metric: 'm', region: 'r', periodSeconds: 60, fromMs: 0, toMs: MINUTE };
  const readings = await readMonitorData(cloud, { ...request, series: [named] }, undefined);
  assert.deepEqual([...(readings.values().next().value ?? [])], [[60, null]]);
});

test('an answer at another period, or without points at all, is an error', async (t) => {
  const script = monitorScript({ series: [idle(0)] });
  for (const reply of [
    { Period: 300, DataPoints: [] },
    { Period: 60, DataPoints: null },
  ]) {
    const { read } = await open(t, { ...script, GetMonitorData: () => reply });
    await assert.rejects(read(T0), (error) => error instanceof CloudError && error.code === 'MalformedAnswer');
  }
});

const DAY_AGO = new Date(T0 - 86_400_000).toISOString();
for (const [name, change] of [
  ['another metric', { MetricName: 'InPkg' }],
  ['another namespace', { Namespace: 'QCE/LB_PRIVATE' }],
  ['another period, as a text', { Period: '300' }],
  ['another time to begin at', { StartTime: DAY_AGO }],
  ['another time to end at', { EndTime: DAY_AGO }],
  ['a time that is none', { StartTime: 'yesterday' }],
] as const)
  test(`an answer for ${name} than was asked for is no answer, with any points`, async (t) => {
    const script = monitorScript({ series: [idle(0)] });
    const getData = script['GetMonitorData'];
    assert.ok(typeof getData === 'function');
    const { read, clock } = await open(t, {
      ...script,
      GetMonitorData: (request, nth) => ({ ...(getData(request, nth) as object), ...change }),
    });
    await clock.sleep(5 * MINUTE);
    await assert.rejects(
      read(T0),
      (error) => error instanceof CloudError && error.code === 'MalformedAnswer' && /was asked for/.test(error.message),
    );
  });

test('an answer for a backend that was not asked for is no answer', async (t) => {
  const { read, clock } = await open(t, {
    series: [idle(0)],
    dataPoints: (points: Record<string, unknown>[]) => [
      ...points,
      { Dimensions: [{ Name: 'lanIp', Value: '10.9.9.9' }], Timestamps: [T0 / 1000], Values: [0] },
    ],
  });
  await clock.sleep(5 * MINUTE);
  await assert.rejects(read(T0), /series that was not asked for \(lanIp=10\.9\.9\.9\)/);
});

test('an answer that repeats its question in other words is one', async (t) => {
  const script = monitorScript({ series: [idle(0)] });
  const getData = script['GetMonitorData'];
  assert.ok(typeof getData === 'function');
  const { read, clock } = await open(t, {
    ...script,
    GetMonitorData: (request, nth) => ({
      ...(getData(request, nth) as object),
      Namespace: 'qce/lb_public',
      Period: '60',
      // Moved to the period it lies in, and without the offset of China.
      StartTime: new Date(Date.parse(String(request.params['StartTime'])) + 8 * 3_600_000 - 30_000)
        .toISOString()
        .slice(0, 19)
        .replace('T', ' '),
    }),
  });
  await clock.sleep(5 * MINUTE);
  assert.ok((await read(T0))?.points.some(({ value }) => value === 0));
});

test('a failed read throws and leaves no points behind', async (t) => {
  const { read } = await open(t, {
    ...monitorScript({ series: [] }),
    GetMonitorData: () => ({ error: 'FailedOperation.ErrOwed' }),
  });
  await assert.rejects(read(T0), (error) => error instanceof CloudError && /--source pod/.test(error.hint ?? ''));
});

for (const protocol of ['UDP', 'QUIC'])
  test(`${protocol} is idle only when there are neither flows nor packets, and unknown when either is`, async (t) => {
    const flows = [5, 0, 0, 0, undefined];
    const packets = [0, 0, 0.4, undefined, 0];
    const of = (metric: string, values: (number | undefined)[]) => ({
      metric,
      dimensions: dimensions(0, { protocol }),
      wave: (at: number) => values[(at * 1000 - T0) / MINUTE],
    });
    const { read, clock } = await open(
      t,
      { series: [of('ConNum', flows), of('InPkg', packets)] },
      { listener: { protocol } },
    );
    await clock.sleep(6 * MINUTE);
    assert.deepEqual(minutes((await read(T0))?.points), [
      [0, 5],
      [1, 0],
      [2, 1],
      [3, null],
      [4, null],
    ]);
  });

test('25 backends are read in three calls of at most ten, and every one has its own points', async (t) => {
  const all = Array.from({ length: 25 }, (_, ordinal) => ({
    ...pods().drained,
    pod: `nginx-${ordinal}`,
    address: `10.0.0.${ordinal + 1}`,
  }));
  const { source, server, clock } = await open(t, {
    series: all.map((_, ordinal) => ({ dimensions: dimensions(ordinal), wave: () => ordinal })),
  });
  await clock.sleep(3 * MINUTE);
  const series = await source.read(all, T0);
  assert.deepEqual(
    series.map(({ backend, points }) => [backend.pod, points[0]?.value]),
    all.map(({ pod }, ordinal) => [pod, ordinal]),
  );
  const sizes = server.received
    .filter(({ action }) => action === 'GetMonitorData')
    .map(({ params }) => (params['Instances'] as unknown[]).length);
  assert.deepEqual(sizes.sort(), [10, 10, 5]);
});

test('a long wait is read in pieces under the limit of points, without a gap between them', async (t) => {
  const { read, server, clock } = await open(t, { series: [idle(0)] });
  await clock.sleep(600 * MINUTE);
  const points = (await read(T0))?.points ?? [];
  assert.equal(points.length, 601);
  assert.ok(points.every(({ value }, index) => value === 0 && points[index]?.atMs === T0 + index * MINUTE));
  for (const { params } of server.received.filter(({ action }) => action === 'GetMonitorData')) {
    const span = Date.parse(String(params['EndTime'])) - Date.parse(String(params['StartTime']));
    assert.ok((span / MINUTE + 1) * 10 <= 1440);
  }
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
