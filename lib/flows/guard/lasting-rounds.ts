/** The rounds of a work that looks again and again: an error that may be temporary ends the round that met it, and not the work. */

import { isPassing, NotYetError, type ZerolossError } from '../../core/errors.ts';
import { formatDuration } from '../../core/values/duration.ts';
import { way } from '../../core/values/way.ts';
import type { World } from '../../ports.ts';

/** A round that failed after this long had answers before: no single request is tried for so long. */
const LONG_MS = 300_000;

/**
 * Runs one round. Undefined: an error that may be temporary ended it, the progress shows which one, and the next round begins anew;
 * `missed` hears of it first, and what it throws ends the work. Throws every other error, and NotYetError where rounds have failed
 * one after the other for `timeoutMs`, counted from the first of these errors; 0: never.
 */
export type LastingRounds = <T>(
  round: () => Promise<T>,
  missed: (error: ZerolossError) => void,
) => Promise<T | undefined>;

export function lastingRounds({ clock, report, signal }: World, { timeoutMs }: { timeoutMs: number }): LastingRounds {
  let sinceMs: number | undefined;
  return async (round, missed) => {
    const beganMs = clock.now();
    try {
      const done = await round();
      sinceMs = undefined;
      return done;
    } catch (error) {
      if (signal.aborted || !isPassing(error)) throw error;
      missed(error);
      // A round may be a whole batch, with its question and its wait for zero: that time is not one without an answer.
      if (clock.now() - beganMs > LONG_MS) sinceMs = undefined;
      sinceMs ??= clock.now();
      if (timeoutMs > 0 && clock.now() - sinceMs >= timeoutMs)
        throw new NotYetError(
          `no answer within ${formatDuration(timeoutMs)}: ${error.message}`,
          way('on', 'the same command goes on from here'),
        );
      report.progress(`cannot go on now, trying again: ${error.message}`);
      return undefined;
    }
  };
}
