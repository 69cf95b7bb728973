/** An upgrade that an operator has paused waits; it goes on by itself once it is resumed. */

import { PausedError } from '../../core/errors.ts';
import type { TargetIntent } from '../../core/intent/intent.ts';
import { type Pause, pauseLine, readPause } from '../../core/target/pause.ts';
import { readStatefulSet } from '../../core/target/stateful-set-facts.ts';
import { advice, lines, own } from '../../core/values/command.ts';
import { way } from '../../core/values/way.ts';
import { STATEFUL_SETS } from '../../ports/resources.ts';
import type { World } from '../../ports.ts';
import { deadlineOf } from '../guard/deadline.ts';
import { waitUntil } from '../guard/wait-until.ts';

const LOOK_EVERY_MS = 5_000;

/** Resolves to whether it had to wait. Throws NotYetError while it is paused at the deadline of the step. */
export async function whilePaused(world: World, intent: TargetIntent): Promise<boolean> {
  let hasWaited = false;
  return waitUntil(world, {
    deadlineMs: deadlineOf(world, intent),
    paceMs: LOOK_EVERY_MS,
    look: async () => {
      const set = readStatefulSet(await world.kube.get(STATEFUL_SETS, intent.name, { signal: world.signal }));
      const pause = readPause(set);
      if (pause === undefined) return { done: hasWaited };
      hasWaited = true;
      const line = pauseLine(set.name, pause);
      return {
        waiting: `waiting: ${line}`,
        timeOut: () => stillPaused(set.name, pause),
      };
    },
  });
}

/** The end of a run that is paused for longer than --timeout. */
export const stillPaused = (name: string, pause: Pause): PausedError =>
  new PausedError(
    pauseLine(name, pause),
    lines(
      way('on', 'to go on waiting: the same command again'),
      advice`after asking who paused it: ${own('resume', name)}`,
    ),
  );
