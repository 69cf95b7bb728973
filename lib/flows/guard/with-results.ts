/** Completed writes stay true when the step after them fails: the error carries them. */
import { ZerolossError } from '../../core/errors.ts';
import type { ObjectResult } from '../../core/outcome/outcome.ts';

/** Runs what follows a write. An error of ours that it throws carries `results()`, those that changed something. */
export async function withResults<T>(results: () => readonly ObjectResult[], work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const changed = results().filter((result) => result.changed);
    if (error instanceof ZerolossError && error.results.length === 0) error.inWhole({ results: changed });
    throw error;
  }
}
