/** Runs a read-plan-write round again when somebody else wrote in between: everything is read and planned afresh, nothing is resent. */
import { ConflictError, StatusError } from '../../core/errors.ts';
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
          `${what} was changed by another writer ${ROUNDS} times in a row; nothing of theirs was overwritten`,
          'run the same command again',
          error,
        );
      }
      await world.clock.sleep(10 * 2 ** attempt, world.signal);
    }
  }
}
