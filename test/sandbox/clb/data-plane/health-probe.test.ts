import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HealthRecord } from '../../../../sandbox/clb/data-plane/health-probe.ts';

const SETTINGS = { on: true, intervalMs: 1, timeoutMs: 1, healthyThreshold: 3, unhealthyThreshold: 2 };

test('a backend becomes alive after so many answers in a row, and one failure begins the count anew', () => {
  const record = new HealthRecord();
  const states = [true, true, false, true, true, true].map((answered) => {
    record.record(answered, SETTINGS);
    return record.state;
  });
  assert.deepEqual(states, ['probing', 'probing', 'probing', 'probing', 'probing', 'alive']);
});

test('only a change of the state is reported', () => {
  const record = new HealthRecord();
  const told = [true, true, true, true, false, true, false, false, false].map((each) => record.record(each, SETTINGS));
  assert.deepEqual(told, [false, false, true, false, false, false, false, true, false]);
  assert.equal(record.state, 'dead');
});
