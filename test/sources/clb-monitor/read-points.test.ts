import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Cloud } from '../../../lib/clb/cloud.ts';
import { CloudError } from '../../../lib/core/errors.ts';
import { createClbMonitor } from '../../../lib/sources/clb-monitor/clb-monitor.ts';
import { readMonitorData } from '../../../lib/sources/clb-monitor/monitor-data.ts';
import { connected } from '../../clb/connected.ts';
import { FakeClock } from '../../fakes/clock.ts';
import { dimensions, pods } from './backends.ts';
import { monitorScript } from './fake-monitor.ts';
import { idle, MINUTE, minutes, open, T0 } from './open-monitor.ts';

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
