import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SOURCES } from '../../cmd/flags/source-flags.ts';
import { parseMetricSelector } from '../../lib/sources/metrics/selector.ts';

const countsBy = (name: string, values: Readonly<Record<string, unknown>> = {}): string | undefined =>
  SOURCES.find((source) => source.name === name)?.countsBy?.(values);

test('a source of moments declares its parameters, so that two commands know whether they count the same', () => {
  assert.equal(countsBy('pod'), '');
  assert.equal(countsBy('pod', { debugImage: 'busybox' }), '');
  const metric = parseMetricSelector('open{state="active"}', 'metric');
  assert.equal(countsBy('metrics', { metric }), 'open{state="active"} /metrics');
  assert.equal(countsBy('metrics', { metric, metricsPath: '/metrics' }), countsBy('metrics', { metric }));
  assert.equal(countsBy('metrics', { metric, metricsPort: 9113, metricsPath: '/m' }), 'open{state="active"} 9113 /m');
});

test('Cloud Monitor has a memory of its own, and leaves nothing to carry', () => {
  assert.equal(countsBy('clb'), undefined);
});
