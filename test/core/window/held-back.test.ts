import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { windowActions } from '../../../lib/core/window/actions.ts';
import { FAILING_MS, type SeenPod } from '../../../lib/core/window/place.ts';
import { seen, wish } from './window-wish.ts';

describe('a window that holds back', () => {
  it('gives no pod its weight back whose connections are unknown, or that only has to prove its zero', () => {
    const pods: SeenPod[] = [{ ordinal: 0, place: 'draining', drainedForMs: 7_200_000 }];
    assert.deepEqual(windowActions(pods, wish({ busyAfterMs: 60_000 })).defer, []);
    const quiet = pods.map((pod) => ({ ...pod, busy: false }));
    assert.deepEqual(windowActions(quiet, wish({ busyAfterMs: 60_000 })).defer, []);
  });

  it('begins nothing new once a gate has failed, and lets those that are out come to their end', () => {
    const actions = windowActions(seen('serving', 'at-zero', 'ready'), wish({ stopped: true, maxUnavailable: 4 }));
    assert.deepEqual([actions.drain, actions.delete, actions.restore], [[], [1], [2]]);
  });

  it('waits for a health check that failed a moment ago, and drains as many failing pods as it has places', () => {
    const failing = (forMs: number, count: number): SeenPod[] =>
      Array.from({ length: count }, (_, ordinal) => ({ ordinal, place: 'failing' as const, forMs }));
    const one = wish({ maxUnavailable: 1 });
    assert.deepEqual(windowActions(failing(FAILING_MS - 1, 4), one).drain, []);
    assert.deepEqual(windowActions(failing(FAILING_MS, 4), one).drain, [0]);
    const held: SeenPod[] = [...failing(FAILING_MS, 4), { ordinal: 9, place: 'draining' }];
    assert.deepEqual(windowActions(held, one).drain, []);
    assert.deepEqual(windowActions([...failing(1, 1), { ordinal: 9, place: 'serving' }], one).drain, []);
  });
});
