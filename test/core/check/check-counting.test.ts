import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { countingFindings } from '../../../lib/core/check/check-counting.ts';
import type { Countability } from '../../../lib/core/zero/connection-series.ts';
import { createMetrics } from '../../../lib/sources/metrics/count-metrics.ts';
import { FakeKube } from '../../fakes/api/kube.ts';
import { FakeClock } from '../../fakes/clock.ts';
import { pods } from '../../sources/clb-monitor/backends.ts';

describe('the findings of check about the sources', () => {
  const backend = pods().drained;
  const finding = (name: string, answer: readonly Countability[]) =>
    countingFindings([{ name, answer, asked: false }], [backend]).find(({ rule }) => rule === `source-${name}`);

  it('is OK or WARN of each that was asked, and nothing of the metric that no --metric names', async () => {
    assert.equal(finding('pod', [{ backend, countable: true, because: 'it does' }])?.level, 'OK');
    assert.equal(finding('clb', [{ backend, countable: false, because: 'no points' }])?.level, 'WARN');
    const metrics = createMetrics({
      kube: new FakeKube([]),
      clock: new FakeClock(),
      warn: () => undefined,
      selector: undefined,
      port: undefined,
      path: '/metrics',
    });
    assert.equal(finding('metrics', await metrics.prove([backend], [])), undefined);
  });
});
