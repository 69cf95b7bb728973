/** Shows the window at every look: as a live view where the reporter has one, else as one line. */

import { createStartTimes } from '../../core/plan/estimate.ts';
import { type Pause, pauseLine } from '../../core/target/pause.ts';
import { isOut } from '../../core/window/place.ts';
import { leastLeftMs, onTheirRoad, type WindowView, windowLine } from '../../core/window/window-view.ts';
import { serverNowMs } from '../guard/server-time.ts';
import type { Run } from '../upgrade/run.ts';
import type { WindowSight } from './window-sights.ts';

export type ShowWindow = (sight: WindowSight, size: number, pause: Pause | undefined) => void;

export function createWindowShow({ world, intent }: Run): ShowWindow {
  const beganMs = world.clock.now();
  const startMsOf = createStartTimes();
  let zeroMs = intent.stableForMs;
  let shown = '';
  return ({ seen, facts }, size, pause) => {
    const { name } = facts.set;
    // A source of slow periods needs more than --stable-for: the drained pods show how much.
    const needed = seen.map(({ zeroFor }) => zeroFor?.neededMs ?? 0).filter((ms) => ms > 0);
    if (needed.length > 0) zeroMs = Math.max(intent.stableForMs, Math.min(...needed));
    const ordered = facts.set.podManagementPolicy !== 'Parallel';
    const least = { zeroMs, startMs: startMsOf(facts.pods) ?? 0, soakMs: intent.soakMs, ordered };
    const view: WindowView = {
      name,
      total: seen.length,
      done: seen.filter(({ place }) => place === 'done').length,
      size,
      goneMs: world.clock.now() - beganMs,
      leastLeftMs: leastLeftMs(seen, size, least),
      pods: onTheirRoad(seen),
      beside: seen.filter((pod) => !isOut(pod)),
      ...(pause === undefined
        ? {}
        : { paused: pauseLine(name, pause), pausedFor: pauseLine(name, pause, serverNowMs(world)) }),
    };
    if (world.report.window !== undefined) {
      world.report.window(view);
      return;
    }
    const line = windowLine(view);
    if (line !== shown) world.report.progress(line);
    shown = line;
  };
}
