/** Repeats a read-plan-write round when another writer came in between: reads and plans afresh, and resends nothing. */

import { ConflictError, type DoneResult, StatusError, ZerolossError } from '../../core/errors.ts';
import { TRY_AGAIN } from '../../core/values/way.ts';
import type { World } from '../../ports.ts';

const ROUNDS = 5;

/**
 * Throws ConflictError (exit 5) after five lost races. `round` hears what the rounds before it have written: it finds that in the
 * cluster, and it is this run's own. Every error that ends the work carries it.
 */
export async function retryConflict<T>(
  world: World,
  what: string,
  round: (earlier: readonly DoneResult[]) => Promise<T>,
): Promise<T> {
  let earlier: readonly DoneResult[] = [];
  for (let attempt = 1; ; attempt++) {
    try {
      return await round(earlier);
    } catch (error) {
      if (!(error instanceof ZerolossError)) throw error;
      const { results } = error;
      // The failed round has written the object last.
      earlier = [...earlier.filter((one) => !results.some(({ object }) => object === one.object)), ...results];
      if (!(error instanceof StatusError) || error.httpStatus !== 409) throw error.inWhole({ results: earlier });
      world.report.trace(2, `${what}: changed by another writer, reading again (${attempt} of ${ROUNDS})`);
      if (attempt === ROUNDS) {
        throw new ConflictError(
          `${what} was changed by another writer ${ROUNDS} times in a row; their changes were not overwritten`,
          TRY_AGAIN,
          error,
        ).inWhole({ results: earlier });
      }
      await world.clock.sleep(10 * 2 ** attempt, world.signal);
    }
  }
}
