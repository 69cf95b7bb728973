import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ConnectionError, StatusError } from '../../lib/core/errors.ts';
import { EVENTS, LEASES, PODS, SERVICES } from '../../lib/ports/resources.ts';
import type { Kube, KubeObject } from '../../lib/ports.ts';
import { watchWrites } from '../../lib/recording/write-watch.ts';

const object = { metadata: { name: 'web' } } as KubeObject;

/** A cluster whose every write ends in the same way. */
const answering = (answer: () => Promise<KubeObject>): Kube =>
  ({ namespace: 'prod', create: answer, patch: answer, delete: answer, get: answer }) as unknown as Kube;

const willing = answering(async () => object);

describe('whether anything was written', () => {
  it('is no at the beginning, and after reading', async () => {
    const { kube, wrote } = watchWrites(willing);
    await kube.get(PODS, 'web-0');
    assert.equal(wrote(), false);
  });

  for (const [verb, write] of Object.entries({
    create: (kube: Kube) => kube.create(SERVICES, object),
    patch: (kube: Kube) => kube.patch(SERVICES, 'web', {}, { type: 'merge' }),
    delete: (kube: Kube) => kube.delete(PODS, 'web-0', { uid: 'u' }),
  })) {
    it(`is yes after ${verb}, and stays so`, async () => {
      const { kube, wrote } = watchWrites(willing);
      await write(kube);
      await kube.get(PODS, 'web-0');
      assert.equal(wrote(), true);
    });
  }

  it('is no for dry runs, leases and events', async () => {
    const { kube, wrote } = watchWrites(willing);
    await kube.patch(SERVICES, 'web', {}, { type: 'merge', dryRun: true });
    await kube.create(EVENTS, object);
    await kube.patch(LEASES, 'web', {}, { type: 'merge' });
    assert.equal(wrote(), false);
  });

  it('is no for a moment of zero, and yes where a weight goes with it', async () => {
    const { kube, wrote } = watchWrites(willing);
    const moment = { 'nginx.kubectl-zeroloss/zero-seen': null };
    await kube.patch(SERVICES, 'web', { metadata: { resourceVersion: '7', annotations: moment } }, { type: 'merge' });
    assert.equal(wrote(), false);
    const weights = { ...moment, 'service.cloud.tencent.com/lb-rs-weight': '{}' };
    await kube.patch(SERVICES, 'web', { metadata: { annotations: weights } }, { type: 'merge' });
    assert.equal(wrote(), true);
  });

  it('is no when the server answered no', async () => {
    const { kube, wrote } = watchWrites(answering(() => Promise.reject(new StatusError(409, 'Conflict', 'changed'))));
    await assert.rejects(kube.patch(SERVICES, 'web', {}, { type: 'merge' }), StatusError);
    assert.equal(wrote(), false);
  });

  it('is yes when no answer came: it may have been yes', async () => {
    const { kube, wrote } = watchWrites(answering(() => Promise.reject(new ConnectionError('cut'))));
    await assert.rejects(kube.patch(SERVICES, 'web', {}, { type: 'merge' }), ConnectionError);
    assert.equal(wrote(), true);
  });
});
