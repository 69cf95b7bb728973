/** Completed writes stay true when the step after them fails: the error carries them. */
import { ZerolossError } from '../../core/errors.ts';
import type { ObjectResult } from '../../core/outcome/outcome.ts';

/**
 * Runs the work that follows a write. An error of ours that it throws carries `results()`, those that changed something, before
 * those that the work itself has reported.
 */
export async function withResults<T>(results: () => readonly ObjectResult[], work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ZerolossError)) throw error;
    const { results: later } = error;
    const isLater = (one: ObjectResult) => later.some((other) => lineOf(other) === lineOf(one));
    throw error.inWhole({ results: [...results().filter((one) => one.changed && !isLater(one)), ...later] });
  }
}

const lineOf = ({ object, action, note = '' }: ObjectResult): string => `${object} ${action} ${note}`;
