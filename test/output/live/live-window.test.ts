import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { PLACES, type SeenPod } from '../../../lib/core/window/place.ts';
import type { WindowView } from '../../../lib/core/window/window-view.ts';
import { paintFor } from '../../../lib/output/colour.ts';
import { renderLiveWindow } from '../../../lib/output/live/live-window.ts';
import { createWindowLines } from '../../../lib/output/live/window-lines.ts';
import { textWidth } from '../../../lib/output/text-width.ts';

const paint = paintFor(false);
const view = (pods: readonly SeenPod[], more: Partial<WindowView> = {}): WindowView => ({
  name: 'nginx',
  total: 100,
  done: 12,
  size: 10,
  goneMs: 60_000,
  leastLeftMs: 3_600_000,
  pods,
  beside: [],
  ...more,
});
const draining = (ordinal: number): SeenPod => ({ ordinal, place: 'draining', drainedForMs: 180_000, connections: 2 });

describe('the window on a terminal', () => {
  it('is one line per pod on its road under one line for the whole', () => {
    const pods: SeenPod[] = [
      draining(9),
      { ordinal: 10, place: 'soaking', soak: { servedMs: 240_000, neededMs: 600_000 } },
    ];
    assert.deepEqual(renderLiveWindow(view(pods), { columns: 80, rows: 24, paint }), [
      '12 of 100 done, 2 in the window, 1m gone, at least 1h left',
      'nginx-9    drained 3m, 2 connections',
      'nginx-10   healthy, soaking 4m of 10m',
    ]);
  });

  it('shows what needs a person first where the screen is low, and counts the rest', () => {
    const pods: SeenPod[] = [
      ...Array.from({ length: 10 }, (_, each) => draining(each)),
      { ordinal: 10, place: 'sick' },
    ];
    const lines = renderLiveWindow(view(pods), { columns: 80, rows: 8, paint });
    assert.equal(lines.length, 6);
    assert.match(lines.at(-2) ?? '', /nginx-10 +updated, and not well/);
    assert.equal(lines.at(-1), 'and 7 more');
  });

  it('is never wider nor higher than the screen', () => {
    const pod = fc.record({ ordinal: fc.nat(5000), place: fc.constantFrom(...PLACES), note: fc.string() });
    fc.assert(
      fc.property(
        fc.array(pod, { maxLength: 40 }),
        fc.integer({ min: 20, max: 120 }),
        fc.integer({ min: 6, max: 60 }),
        (pods, columns, rows) => {
          const lines = renderLiveWindow(view(pods, { paused: 'paused by ann' }), { columns, rows, paint });
          assert.ok(lines.length <= rows - 1, `${lines.length} lines of ${rows}`);
          for (const line of lines) assert.ok(textWidth(line) < columns, line);
        },
      ),
    );
  });
});

describe('the window through a pipe', () => {
  it('shows a pod once for each place, pods that move together in one line, and the whole behind the last', () => {
    const lines = createWindowLines();
    const title = '   12 of 100 done, 2 in the window, 1m gone, at least 1h left';
    assert.deepEqual(lines(view([draining(0), draining(1)])), [`ordinals 0,1: drained${title}`]);
    assert.deepEqual(lines(view([{ ...draining(0), connections: 1 }, draining(1)])), []);
    assert.deepEqual(lines(view([{ ordinal: 0, place: 'starting' }, draining(1)])), [`nginx-0: deleted${title}`]);
    const done = (...ordinals: number[]) => ordinals.map((ordinal): SeenPod => ({ ordinal, place: 'done' }));
    const next = view([draining(1), draining(2)], { beside: done(0) });
    assert.deepEqual(lines(next), ['nginx-0: done', `nginx-2: drained${title}`]);
    const deferred = view([draining(2)], { beside: [...done(0), { ordinal: 1, place: 'serving' }] });
    assert.match(lines(deferred).join(), /^nginx-1: weight given back, its turn comes last /);
  });

  it('takes no pod for done that leaves the window outdated, and none that was scaled away', () => {
    const lines = createWindowLines();
    const failing = [1, 2, 3].map((ordinal): SeenPod => ({ ordinal, place: 'failing' }));
    lines(view(failing));
    const beside: SeenPod[] = [
      { ordinal: 1, place: 'serving' },
      { ordinal: 2, place: 'serving' },
    ];
    const [first, second] = lines(view([], { beside }));
    assert.equal(first, 'ordinals 1,2: outdated, and serving again');
    assert.match(second ?? '', /^nginx-3: scaled away /);
    for (const place of PLACES.filter((each) => each !== 'serving' && each !== 'done')) {
      const each = createWindowLines();
      each(view([{ ordinal: 0, place }]));
      assert.doesNotMatch(each(view([], { beside: [{ ordinal: 0, place: 'serving' }] })).join(), /: done/, place);
    }
  });

  it('shows a pause when it begins, and once, by its time', () => {
    const lines = createWindowLines();
    lines(view([draining(0)]));
    const paused = (pausedFor: string) => view([draining(0)], { paused: 'paused by ann@box: lunch', pausedFor });
    assert.deepEqual(lines(paused('paused 1s ago')), ['paused by ann@box: lunch']);
    assert.deepEqual(lines(paused('paused 2s ago')), []);
  });
});
