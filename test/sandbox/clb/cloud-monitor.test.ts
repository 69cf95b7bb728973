import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { CloudApiOptions } from '../../../sandbox/clb/api/start-cloud-api.ts';
import type { ClbOptions } from '../../../sandbox/clb/options.ts';
import { codeOf, sdkFor, startTestCloud } from './cloud.ts';
import { settle, startOneListener } from './support.ts';

/** One backend that is metered under a clock of the test's own; `request` asks for its ConNum. */
async function startMetered(t: TestContext, options: ClbOptions = {}, api: CloudApiOptions = {}) {
  const startMs = Math.floor(Date.now() / 60_000) * 60_000;
  const clock = { nowMs: startMs };
  const one = await startOneListener(t, { now: () => clock.nowMs, healthIntervalMs: 60_000, ...options });
  await settle(one.clb.bindTargets(one.balancerId, [{ listenerId: one.listenerId, address: '10.0.0.1', port: 80 }]));
  const cloud = await startTestCloud(t, one.clb, api);
  const [metered] = [...one.clb.meteredBackends];
  assert.ok(metered);
  const dimensions: Record<string, string> = {
    vip: '127.88.0.1',
    loadBalancerPort: '8080',
    protocol: 'TCP',
    vpcId: '5436123',
    lanIp: '10.0.0.1',
    port: '80',
  };
  const request = (change: Record<string, string | undefined> = {}, rest: object = {}) => ({
    Namespace: 'QCE/LB_PUBLIC',
    MetricName: 'ConNum',
    Period: 1,
    StartTime: new Date(startMs).toISOString(),
    EndTime: new Date(clock.nowMs).toISOString(),
    Instances: [
      {
        Dimensions: Object.entries({ ...dimensions, ...change }).flatMap(([Name, Value]) =>
          Value === undefined ? [] : [{ Name, Value }],
        ),
      },
    ],
    ...rest,
  });
  const { monitor } = sdkFor(cloud);
  const values = async (change?: Record<string, string | undefined>, rest?: object) =>
    (await monitor.GetMonitorData(request(change, rest))).DataPoints?.[0]?.Values;
  return { one, cloud, monitor, meter: metered.meter, clock, startMs, request, values };
}

test('connections of one backend come as points at the announced period', async (t) => {
  const { meter, clock, startMs, monitor, request } = await startMetered(t);
  clock.nowMs += 500;
  meter.opened(clock.nowMs);
  clock.nowMs += 1000;
  meter.closed(clock.nowMs);
  clock.nowMs = startMs + 3200;
  const { DataPoints: [series] = [], Period: period } = await monitor.GetMonitorData(request());
  const second = startMs / 1000;
  assert.equal(period, 1);
  assert.deepEqual(series?.Timestamps, [second, second + 1, second + 2]);
  assert.deepEqual(series?.Values, [1, 1, 0]);
  assert.equal(series?.MaxValues, null);
});

test('coarser periods show the highest of their seconds', async (t) => {
  const { meter, clock, startMs, values } = await startMetered(t);
  meter.opened(startMs + 1000);
  meter.closed(startMs + 2000);
  clock.nowMs = startMs + 120_000;
  assert.deepEqual(await values({}, { Period: 60 }), [1, 0]);
});

test('the base metrics announce the periods and the dimension sets', async (t) => {
  const { monitor } = await startMetered(t, { monitorPeriodSeconds: 60 });
  const { MetricSet: sets = [] } = await monitor.DescribeBaseMetrics({ Namespace: 'QCE/LB_PUBLIC' });
  const periods = (name: string) => sets.find((set: { MetricName: string }) => set.MetricName === name)?.Period;
  assert.deepEqual(periods('ConNum'), [60, 300, 3600]);
  assert.deepEqual(periods('InPkg'), [10, 60, 300, 3600]);
  assert.deepEqual(
    sets[0]?.Dimensions.map((set: { Dimensions: string[] }) => set.Dimensions.length),
    [1, 3, 5, 6],
  );
  const { MetricSet: [inner] = [] } = await monitor.DescribeBaseMetrics({
    Namespace: 'QCE/LB_PRIVATE',
    MetricName: 'ConNum',
  });
  assert.deepEqual(inner?.Period, [60, 300]);
});

test('a period that was not announced is refused', async (t) => {
  const { monitor, request } = await startMetered(t, { monitorPeriodSeconds: 60 });
  assert.equal(await codeOf(monitor.GetMonitorData(request({}, { Period: 10 }))), 'InvalidParameterValue');
});

test('wrong dimensions give an empty series, not an error', async (t) => {
  const { clock, values } = await startMetered(t);
  clock.nowMs += 2000;
  assert.deepEqual(await values(), [0, 0]);
  for (const wrong of [
    { vpcId: 'vpc-5k9ab3xd' },
    { protocol: 'tcp' },
    { lanIp: '10.0.0.2' },
    { vpcId: undefined },
    { eip: '127.88.0.1', vip: undefined },
  ]) {
    assert.deepEqual(await values(wrong), [], JSON.stringify(wrong));
  }
  assert.deepEqual(await values({}, { Namespace: 'QCE/LB_PRIVATE' }), []);
});

test('without the port the backends of one address are added up', async (t) => {
  const { one, clock, meter, startMs, values } = await startMetered(t);
  await settle(one.clb.bindTargets(one.balancerId, [{ listenerId: one.listenerId, address: '10.0.0.1', port: 81 }]));
  const other = [...one.clb.meteredBackends].find(({ port }) => port === 81);
  meter.opened(startMs);
  other?.meter.opened(startMs);
  clock.nowMs += 1000;
  assert.deepEqual(await values({ port: undefined }), [2]);
  assert.deepEqual(await values(), [1]);
});

test('a point appears only after the delay of the monitor', async (t) => {
  const { clock, values } = await startMetered(t, {}, { monitorDelayMs: 2000 });
  clock.nowMs += 2900;
  assert.deepEqual(await values(), []);
  clock.nowMs += 200;
  assert.deepEqual(await values(), [0]);
});

test('eleven instances, too many points and a malformed time are refused', async (t) => {
  const { monitor, request, startMs } = await startMetered(t);
  const [instance] = request().Instances;
  const eleven = { Instances: Array.from({ length: 11 }, () => instance!) };
  assert.equal(await codeOf(monitor.GetMonitorData(request({}, eleven))), 'InvalidParameterValue');
  const local = { StartTime: '2026-01-04 16:00:00' };
  assert.equal(await codeOf(monitor.GetMonitorData(request({}, local))), 'InvalidParameterValue');
  const long = { StartTime: new Date(startMs - 1441_000).toISOString() };
  assert.equal(await codeOf(monitor.GetMonitorData(request({}, long))), 'InvalidParameterValue');
});

test('in another region there are no series', async (t) => {
  const { cloud, clock, request } = await startMetered(t);
  clock.nowMs += 2000;
  const { monitor } = sdkFor(cloud, { region: 'ap-chengdu' });
  assert.deepEqual((await monitor.GetMonitorData(request())).DataPoints?.[0]?.Values, []);
});

test('misbehaving monitors lose, delay, freeze and falsify points', async (t) => {
  const { cloud, clock, startMs, values, monitor, request } = await startMetered(t);
  const during = async (fault: Parameters<typeof cloud.misbehave>[0]) => {
    const undo = cloud.misbehave(fault);
    const seen = await values();
    undo();
    return seen;
  };
  clock.nowMs = startMs + 4000;
  assert.deepEqual(await during({ kind: 'empty-series' }), []);
  assert.equal(await during({ kind: 'empty-series', omit: true }), undefined);
  assert.deepEqual(await during({ kind: 'late-points', delayMs: 1000 }), [0, 0, 0]);
  assert.deepEqual(await during({ kind: 'missing-point', sinceMs: startMs + 1000, gapSeconds: 2 }), [0, 0]);
  assert.deepEqual(await during({ kind: 'never-zero', floor: 3 }), [3, 3, 3, 3]);
  assert.deepEqual(await during({ kind: 'no-backend-dimensions' }), []);
  assert.equal(await during({ kind: 'null-fields', fields: ['Values'] }), null);
  cloud.misbehave({ kind: 'stale' });
  clock.nowMs += 60_000;
  assert.deepEqual(await values(), [0, 0, 0, 0]);
  cloud.behave();
  assert.equal((await values())?.length, 64);
  cloud.misbehave({ kind: 'no-backend-dimensions' });
  const { MetricSet: [metric] = [] } = await monitor.DescribeBaseMetrics({ Namespace: 'QCE/LB_PUBLIC' });
  assert.ok(!metric?.Dimensions.some((set: { Dimensions: string[] }) => set.Dimensions.includes('lanIp')));
  assert.equal(request().Period, 1);
});
