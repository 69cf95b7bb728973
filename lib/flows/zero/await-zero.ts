/** The one wait for zero: of wait-zero, before recreate deletes, and before a surplus is scaled away. */

import type { NotYetError, RefusedError } from '../../core/errors.ts';
import { ordinalsText } from '../../core/target/ordinals.ts';
import type { World } from '../../ports.ts';
import { waitUntil } from '../guard/wait-until.ts';
import { showZeroLook, zeroLookLines } from './show-zero-look.ts';
import type { ZeroLook, ZeroWatch } from './zero-watch.ts';

export interface ZeroWait {
  /** The StatefulSet's name. */
  name: string;
  ordinals: readonly number[];
  deadlineMs: number;
  /** The error of the time-out; `lines` say what is missing. */
  timeOut: (lines: readonly string[], look: ZeroLook) => NotYetError;
  /** The error for connections, and for a weight that is not 0. Without it the wait goes on until they have ended. */
  refusal?: (lines: readonly string[], look: ZeroLook) => RefusedError | NotYetError;
}

/** Resolves with the first look at which every pod is at zero; shows where it stands at every look before. */
export async function awaitZero(world: World, watch: ZeroWatch, wait: ZeroWait): Promise<ZeroLook> {
  const { name, ordinals, deadlineMs, timeOut, refusal } = wait;
  const subject = `${ordinalsText(ordinals)} of statefulset/${name}`;
  const beganMs = world.clock.now();
  return waitUntil(world, {
    deadlineMs,
    paceMs: watch.pollMs,
    showsItself: true,
    look: async () => {
      const look = await watch.look();
      const isZero = look.verdict === 'zero';
      const lines = zeroLookLines(look, ordinals);
      if (refusal !== undefined && (look.verdict === 'busy' || look.blocked.length > 0)) throw refusal(lines, look);
      const atMs = world.clock.now();
      // A deletion that need not wait shows no table.
      if (!isZero || refusal === undefined)
        showZeroLook(world, look, ordinals, { subject, atMs, waitedMs: atMs - beganMs });
      if (isZero) return { done: look };
      return { waiting: lines.join('\n'), timeOut: () => timeOut(lines, look) };
    },
  });
}
