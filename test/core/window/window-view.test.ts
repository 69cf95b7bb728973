import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { isOut, PLACES, type SeenPod } from '../../../lib/core/window/place.ts';
import { leastLeftMs, roadText, windowLine, windowTitle } from '../../../lib/core/window/window-view.ts';

const MINUTE = 60_000;
const view = {
  name: 'nginx',
  total: 100,
  done: 12,
  size: 10,
  goneMs: 25 * MINUTE + 400,
  leastLeftMs: 112.7 * MINUTE,
  pods: [{ ordinal: 12, place: 'starting' }] as readonly SeenPod[],
  beside: [] as readonly SeenPod[],
};

describe('the words of the window', () => {
  it('say how many are through, how long it has taken, and how long it takes at least', () => {
    assert.equal(windowTitle(view), '12 of 100 done, 1 in the window, 25m gone, at least 1h52m left');
    assert.equal(windowTitle({ ...view, leastLeftMs: 0 }), '12 of 100 done, 1 in the window, 25m gone');
    assert.equal(windowLine(view), '12 of 100 done, 1 of 10 out: 12 starting');
    assert.equal(windowLine({ ...view, paused: 'paused by ann' }), '12 of 100 done, 1 of 10 out: paused by ann');
  });

  it('show each pod at its place on the road', () => {
    const at = (pod: Omit<SeenPod, 'ordinal'>): string => roadText({ ordinal: 3, ...pod });
    const draining = { place: 'draining', drainedForMs: 3 * MINUTE } as const;
    assert.equal(
      at({ ...draining, connections: 2, zeroFor: { filledMs: 0, neededMs: 30_000 } }),
      'drained 3m, 2 connections',
    );
    assert.equal(at({ ...draining, connections: 1 }), 'drained 3m, 1 connection');
    assert.equal(
      at({ ...draining, connections: 0, zeroFor: { filledMs: 20_400, neededMs: 30_000 } }),
      'zero for 20s of 30s',
    );
    assert.equal(
      at({ ...draining, note: 'lb-1 shows nginx-3 at weight 10' }),
      'drained 3m, lb-1 shows nginx-3 at weight 10',
    );
    assert.equal(
      at({ place: 'at-zero', zeroFor: { filledMs: 31_000, neededMs: 30_000 } }),
      'zero for 31s, to be deleted',
    );
    assert.equal(at({ place: 'starting', forMs: 4_000 }), 'deleted 4s ago');
    assert.equal(
      at({ place: 'starting', forMs: 9_000, state: 'ContainerCreating' }),
      'deleted 9s ago, ContainerCreating',
    );
    assert.equal(
      at({ place: 'soaking', soak: { servedMs: 4 * MINUTE, neededMs: 10 * MINUTE } }),
      'healthy, soaking 4m of 10m',
    );
    assert.equal(at({ place: 'sick', state: 'CrashLoopBackOff' }), 'updated, and not well: CrashLoopBackOff');
    assert.equal(at({ place: 'failing', forMs: 12_000 }), 'outdated, without traffic for 12s of 1m');
    assert.equal(
      at({ place: 'failing', forMs: 90_000, state: 'CrashLoopBackOff' }),
      'outdated, not serving for 1m30s: CrashLoopBackOff',
    );
    for (const place of PLACES) assert.notEqual(at({ place }), '');
  });
});

describe('the least time that is left', () => {
  const least = { zeroMs: 30_000, startMs: 60_000, soakMs: 10 * MINUTE };
  const pod = (place: SeenPod['place'], more: Partial<SeenPod> = {}): SeenPod => ({ ordinal: 0, place, ...more });

  it('is the rest of all roads over the places of the window, or the longest rest', () => {
    assert.equal(leastLeftMs([pod('serving'), pod('serving')], 1, least), 2 * 690_000);
    assert.equal(leastLeftMs([pod('serving'), pod('done')], 10, least), 690_000);
    assert.equal(
      leastLeftMs([pod('draining', { zeroFor: { filledMs: 20_000, neededMs: 30_000 } })], 1, least),
      670_000,
    );
    assert.equal(
      leastLeftMs([pod('soaking', { soak: { servedMs: 4 * MINUTE, neededMs: 10 * MINUTE } })], 1, least),
      6 * MINUTE,
    );
    assert.equal(leastLeftMs([pod('starting', { forMs: 90_000 })], 1, least), 10 * MINUTE);
  });

  it('is a whole wait for a pod of which no source knows yet how long it needs', () => {
    assert.equal(leastLeftMs([pod('draining', { zeroFor: { filledMs: 0, neededMs: 0 } })], 1, least), 690_000);
  });

  it('is with OrderedReady the start of each pod, one after the other', () => {
    const quick = { zeroMs: 1_000, startMs: 60_000, soakMs: 0 };
    const pods = [pod('starting', { forMs: 20_000 }), pod('at-zero'), pod('serving'), pod('done'), pod('ready')];
    assert.equal(leastLeftMs(pods, 10, quick), 61_000);
    assert.equal(leastLeftMs(pods, 10, { ...quick, ordered: true }), 160_000);
  });

  it('is nothing once every pod is done, something while one is not, and never less with more pods', () => {
    const seen = fc.array(
      fc.constantFrom(...PLACES).map((place) => pod(place)),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(seen, fc.integer({ min: 1, max: 20 }), (pods, size) => {
        const left = leastLeftMs(pods, size, least);
        assert.equal(
          left > 0,
          pods.some((each) => isOut(each) || each.place === 'serving'),
        );
        assert.ok(leastLeftMs([...pods, pod('serving')], size, least) >= left);
      }),
    );
  });
});
