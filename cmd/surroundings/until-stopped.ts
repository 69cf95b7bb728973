/** Work before and while a world is opened: no world's signal stops it, and `withinLimit` does not limit it yet. */
import { TimeLimitError } from '../../lib/core/errors.ts';
import { formatDuration } from '../../lib/core/values/duration.ts';

/** Timers reach no further than that (Node: setTimeout). */
const LONGEST_MS = 2 ** 31 - 1;

/**
 * Runs `work` with a signal that aborts with the one given, or with a TimeLimitError after `timeoutMs`; 0 and times beyond 24 days are
 * no limit. Rejects with that signal's reason, also where the work does not heed it: a pipe that no one writes to, say.
 */
export async function untilStopped<T>(
  signal: AbortSignal,
  timeoutMs: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const late = new AbortController();
  const timer =
    timeoutMs > 0 && timeoutMs <= LONGEST_MS
      ? setTimeout(() => late.abort(new TimeLimitError(formatDuration(timeoutMs))), timeoutMs)
      : undefined;
  const stopped = AbortSignal.any([signal, late.signal]);
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => undefined);
  const stop = () => reject(stopped.reason);
  if (stopped.aborted) stop();
  stopped.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([work(stopped), promise]);
  } finally {
    clearTimeout(timer);
    stopped.removeEventListener('abort', stop);
  }
}
