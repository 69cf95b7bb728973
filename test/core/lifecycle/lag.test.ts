import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { endLag, startLag } from '../../../lib/core/lifecycle/lag.ts';

const listener = (change: object = {}) => ({
  healthCheck: { on: true, intervalSeconds: 5, healthyThreshold: 2, unhealthyThreshold: 4, ...change },
});
const synced = (from: string, to: string) => ({
  annotations: {
    'service.cloud.tencent.com/sync-begin-time': `2026-01-04T16:24:${from}+08:00`,
    'service.cloud.tencent.com/sync-end-time': `2026-01-04T16:24:${to}+08:00`,
  },
});

describe('the time that the load balancer takes to notice', () => {
  it('is the interval of the health check times its count, of the slowest listener', () => {
    const listeners = [listener(), listener({ intervalSeconds: 10 }), listener({ intervalSeconds: 99, on: false })];
    assert.equal(startLag({ listeners }).seconds, 20);
    assert.equal(endLag({ listeners, services: [] }).seconds, 40);
    assert.match(endLag({ listeners, services: [] }).because, /4 health checks, one every 10s/);
  });

  it('is the last sync of the controller where that took longer, or where no health check is on', () => {
    const services = [synced('10', '12'), synced('01', '31')];
    assert.deepEqual(endLag({ listeners: [listener()], services }), {
      seconds: 31,
      because: 'the last sync of the service-controller took up to 31s',
    });
    assert.equal(endLag({ listeners: [listener()], services: [synced('10', '12')] }).seconds, 20);
    assert.equal(endLag({ listeners: [listener({ on: false })], services: [synced('10', '12')] }).seconds, 3);
  });

  it('does not count a sync that is under way', () => {
    assert.equal(endLag({ listeners: [listener()], services: [synced('50', '10')] }).seconds, 20);
  });

  it('is that of the defaults where no listener was read, and assumed where nothing is known', () => {
    assert.equal(startLag({ listeners: [] }).seconds, 15);
    assert.match(endLag({ listeners: [], services: [] }).because, /by default/);
    assert.match(endLag({ listeners: [listener({ on: false })], services: [] }).because, /assumed/);
    assert.equal(startLag({ listeners: [listener({ on: false })] }).seconds, 0);
  });
});
