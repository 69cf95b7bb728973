/** A refusal says "nothing was written". After a write that is not so, whichever verb it was: the one place that sees to it. */

import { RefusedError, UnfinishedError, UsageError } from '../errors.ts';

/**
 * The error to end with. `wrote`: whether this run has written weights, a template, replicas or pods. A refusal (4) and a
 * usage error (2) promise that it has not; after a write they become an UnfinishedError (7) with the ways on and back.
 */
export function endingOf(error: unknown, name: string, wrote: boolean): unknown {
  if (!wrote || !(error instanceof RefusedError || error instanceof UsageError)) return error;
  const ways = [
    `to see where it stands: kubectl zeroloss status ${name}`,
    'to go on: fix what stopped it, then the same command again',
    `to go back: kubectl zeroloss restore ${name}`,
  ];
  // A flow that knows the whole names its own ways.
  const known = error.hint?.includes('to go back:') === true;
  const hint = known ? error.hint : [...(error.hint === undefined ? [] : [error.hint]), ...ways].join('\n');
  return new UnfinishedError(error, hint);
}
