/** Waiting that a signal ends early. */
import type { Clock } from '../../../lib/ports.ts';

/** Resolves to true after `ms`, or to false as soon as `signal` aborts. Never rejects. */
export async function sleepUnlessAborted(sleep: Clock['sleep'], ms: number, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return false;
  try {
    await sleep(ms, signal);
    return true;
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  }
}

/** Resolves once `signal` aborts. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
