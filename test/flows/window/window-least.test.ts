import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { WindowView } from '../../../lib/core/window/window-view.ts';
import { upgrade } from '../../../lib/flows/verbs/upgrade.ts';
import { FakeMonitor, MINUTE } from '../rehearsal/fake-monitor.ts';
import { type Rehearsal, rehearse } from '../rehearsal/rehearsal.ts';
import { windowOfThree } from '../rehearsal/windows.ts';

/** Runs a whole upgrade, and returns the least times that its looks have shown. */
async function leastShown({ world, clock, report }: Rehearsal): Promise<number[]> {
  const views: { atMs: number; leftMs: number }[] = [];
  Object.assign(report, {
    window: ({ leastLeftMs }: WindowView) => void views.push({ atMs: clock.now(), leftMs: leastLeftMs }),
  });
  await upgrade(world, windowOfThree);
  const endMs = clock.now();
  for (const { atMs, leftMs } of views) assert.ok(atMs + leftMs <= endMs, `${leftMs} ms of ${endMs - atMs}`);
  return views.map(({ leftMs }) => leftMs);
}

describe('the least time that the window shows', () => {
  it('counts the periods of a slow source, and is at no look more than the run then takes', async () => {
    const rehearsal = rehearse();
    rehearsal.world.sources = [new FakeMonitor(rehearsal.clock)];
    const most = Math.max(...(await leastShown(rehearsal)));
    // Ten pods, three at a time, three periods each.
    assert.ok(most >= (10 / 3) * 3 * MINUTE, `${most} ms`);
  });

  it('is at no look more than the run then takes where a client stays for a while', async () => {
    const rehearsal = rehearse();
    const endsMs = rehearsal.clock.now() + 5 * MINUTE;
    rehearsal.source.counts.set('nginx-1', (nowMs) => (nowMs < endsMs ? 2 : 0));
    const shown = await leastShown(rehearsal);
    assert.ok(shown.filter((leftMs) => leftMs >= windowOfThree.stableForMs).length > 10);
  });
});
