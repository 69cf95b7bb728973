import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Meter } from '../../../../sandbox/clb/meters/meter.ts';

const connections = (meter: Meter, nowMs: number): [number, number][] =>
  meter.samples(nowMs).map(({ timestamp, conNum }) => [timestamp, conNum]);

test('a sample shows the most connections that were open at any moment of its period', () => {
  const meter = new Meter(10);
  meter.start(100_000);
  meter.opened(101_000);
  meter.opened(102_000);
  meter.closed(103_000);
  meter.closed(104_000);
  meter.opened(105_000);
  meter.closed(106_000);
  assert.deepEqual(connections(meter, 110_000), [[100, 2]]);
});

test('a connection held across periods shows in each of them, also in the one it ends in', () => {
  const meter = new Meter(10);
  meter.start(100_000);
  meter.opened(105_000);
  meter.closed(131_000);
  assert.deepEqual(connections(meter, 150_000), [
    [100, 1],
    [110, 1],
    [120, 1],
    [130, 1],
    [140, 0],
  ]);
});

test('a zero stands only where nothing was open for the whole period', () => {
  const meter = new Meter(1);
  meter.start(100_000);
  meter.opened(100_100);
  meter.closed(100_200);
  assert.deepEqual(connections(meter, 102_000), [
    [100, 1],
    [101, 0],
  ]);
});

test('samples stop when the backend is unbound and go on when it is bound again', () => {
  const meter = new Meter(1);
  meter.start(100_000);
  meter.opened(100_500);
  meter.closed(100_600);
  meter.stop(100_700);
  assert.deepEqual(connections(meter, 109_000), [[100, 1]]);
  meter.start(100_800);
  assert.deepEqual(connections(meter, 102_000), [
    [100, 1],
    [101, 0],
  ]);
});

test('packets, bytes and new connections are counted per period', () => {
  const meter = new Meter(10);
  meter.start(0);
  meter.opened(1_000);
  meter.receivedByBackend(100, 1_100);
  meter.sentByBackend(2_000, 1_200);
  meter.sentByBackend(500, 11_000);
  const [first, second] = meter.samples(20_000);
  assert.deepEqual(first, { timestamp: 0, conNum: 1, newConn: 1, inPkg: 1, outPkg: 1, inBytes: 100, outBytes: 2_000 });
  assert.deepEqual(second, { timestamp: 10, conNum: 1, newConn: 0, inPkg: 0, outPkg: 1, inBytes: 0, outBytes: 500 });
});

test('a long silence does not grow the memory without bound', () => {
  const meter = new Meter(1);
  meter.start(0);
  meter.opened(0);
  const samples = meter.samples(7 * 86_400_000);
  assert.ok(samples.length <= 7_200);
  assert.equal(samples.at(-1)?.timestamp, 7 * 86_400 - 1);
  assert.equal(samples.at(-1)?.conNum, 1);
});
