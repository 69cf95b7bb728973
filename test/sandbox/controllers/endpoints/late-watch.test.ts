import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ENDPOINTS, PODS } from '../../../../lib/ports/resources.ts';
import type { Clock } from '../../../../lib/ports.ts';
import { startEndpointsController } from '../../../../sandbox/controllers/endpoints/endpoints-controller.ts';
import { pod, service } from '../../../builders.ts';
import { FakeKube } from '../../../fakes/api/kube.ts';
import { eventually, settled } from '../../../fakes/eventually.ts';

/** A clock that stands until the test moves it. */
class HeldClock implements Clock {
  #nowMs = 0;
  readonly #waiting: { dueMs: number; wake: () => void }[] = [];

  now(): number {
    return this.#nowMs;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.reject(new Error('aborted'));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ dueMs: this.#nowMs + ms, wake: resolve });
      signal?.addEventListener('abort', () => reject(new Error('aborted')));
    });
  }

  advance(ms: number): void {
    this.#nowMs += ms;
    for (const { dueMs, wake } of this.#waiting) if (dueMs <= this.#nowMs) wake();
  }
}

test('a pod’s deletion shows in its Endpoints after the lag and not before, each by its own time', async (t) => {
  const kube = new FakeKube([service(), pod({ ordinal: 0 }), pod({ ordinal: 1 })]);
  const clock = new HeldClock();
  const controller = startEndpointsController(kube, { lagMs: 2_000, clock });
  t.after(() => controller.stop());
  const addresses = () => {
    const [subset] = (kube.object(ENDPOINTS, 'nginx')?.['subsets'] ?? []) as { addresses?: unknown[] }[];
    return subset?.addresses?.length ?? 0;
  };
  await eventually(() => assert.equal(addresses(), 2));
  kube.remove(PODS, 'nginx-0');
  await settled();
  clock.advance(1_500);
  kube.remove(PODS, 'nginx-1');
  await settled();
  assert.equal(addresses(), 2);
  clock.advance(500);
  await eventually(() => assert.equal(addresses(), 1));
  await settled();
  assert.equal(addresses(), 1);
  clock.advance(1_500);
  await eventually(() => assert.equal(addresses(), 0));
});
