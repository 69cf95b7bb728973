/** A refusal says "nothing was written". After a write that is not so, whichever verb it was: the one place that sees to it. */

import { RefusedError, UnfinishedError, UsageError } from '../errors.ts';
import { advice, lines, own } from '../values/command.ts';

/**
 * The error to end with. `wrote`: whether this run has written weights, a template, replicas or pods. A refusal (4) and a
 * usage error (2) promise that it has not; after a write they become an UnfinishedError (7) with the ways on and back.
 */
export function endingOf(error: unknown, name: string, wrote: boolean): unknown {
  if (!wrote || !(error instanceof RefusedError || error instanceof UsageError)) return error;
  const ways = [
    advice`to see where it stands: ${own('status', name)}`,
    'to go on: fix what stopped it, then the same command again',
    advice`to go back: ${own('restore', name)}`,
  ];
  // A flow that knows the whole names its own ways.
  const known = error.hint?.includes('to go back:') === true;
  const hint = known ? error.advice : lines(...(error.advice === undefined ? [] : [error.advice]), ...ways);
  return new UnfinishedError(error, hint);
}
