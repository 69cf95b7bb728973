/** `--timeout` over everything that a verb does, and not over its waits alone: a server that hangs or drips cannot stretch it. */
import { TimeLimitError } from '../../core/errors.ts';
import { formatDuration } from '../../core/values/duration.ts';
import { overriding } from '../../ports/overriding.ts';
import type { World } from '../../ports.ts';

/** The last look of a wait begins at the deadline and knows best what is missing: this long may its requests take. */
const LAST_LOOK_MS = 3_000;
/** A process that does not stop when asked is left behind after this. */
const LEAVE_MS = 2_000;
/** Timers reach no further than that (Node: setTimeout). */
const LONGEST_MS = 2 ** 31 - 1 - LAST_LOOK_MS - LEAVE_MS;

/**
 * Runs `work` in a world whose signal aborts with a TimeLimitError (exit 6) a moment after `timeoutMs`, by this machine's
 * timers; 0 and times beyond 24 days are no limit. Rejects soon after, even when the work does not heed the signal.
 */
export async function withinLimit<T>(
  world: World,
  timeoutMs: number,
  work: (world: World) => Promise<T>,
  { lastLookMs = LAST_LOOK_MS, leaveMs = LEAVE_MS }: { lastLookMs?: number; leaveMs?: number } = {},
): Promise<T> {
  if (timeoutMs === 0 || timeoutMs > LONGEST_MS) return work(world);
  const error = new TimeLimitError(formatDuration(timeoutMs));
  const late = new AbortController();
  const deadline = AbortSignal.timeout(timeoutMs + lastLookMs);
  deadline.addEventListener('abort', () => late.abort(error), { once: true });
  const leave = AbortSignal.timeout(timeoutMs + lastLookMs + leaveMs);
  const left = new Promise<never>((_, reject) => {
    leave.addEventListener('abort', () => reject(error), { once: true });
  });
  left.catch(() => undefined);
  const signal = AbortSignal.any([world.signal, late.signal]);
  return await Promise.race([work(overriding(world, { signal })), left]);
}
