/** Repeats a read-plan-write round when another writer came in between: reads and plans afresh, and resends nothing. */

import { ConflictError, StatusError } from '../../core/errors.ts';
import { TRY_AGAIN } from '../../core/values/way.ts';
import type { World } from '../../ports.ts';

const ROUNDS = 5;

/** Throws ConflictError (exit 5) after five lost races. */
export async function retryConflict<T>(world: World, what: string, round: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await round();
    } catch (error) {
      if (!(error instanceof StatusError) || error.httpStatus !== 409) throw error;
      world.report.trace(2, `${what}: changed by another writer, reading again (${attempt} of ${ROUNDS})`);
      if (attempt === ROUNDS) {
        throw new ConflictError(
          `${what} was changed by another writer ${ROUNDS} times in a row; their changes were not overwritten`,
          TRY_AGAIN,
          error,
        );
      }
      await world.clock.sleep(10 * 2 ** attempt, world.signal);
    }
  }
}
