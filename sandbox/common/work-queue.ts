/**
 * A keyed work queue: a key is worked on by one call at a time, and what is enqueued meanwhile
 * becomes one further call. Different keys run side by side.
 */
import type { Clock } from '../../lib/ports.ts';
import type { Running } from './running.ts';
import { systemClock } from './system-clock.ts';

export interface WorkerOptions {
  /** Wait before a key that threw is tried again; doubles with each failure in a row, up to 32 times. */
  retryDelayMs: number;
  /** Receives every failure of `process`; the key is tried again all the same. */
  onError?: (error: unknown, key: string) => void;
  clock?: Clock;
}

export interface Worker extends Running {
  /** Asks for a call of `process`, now or after a delay; of several delays for one key the earliest counts. A delay of Infinity asks for nothing. */
  enqueue(key: string, afterMs?: number): void;
}

const MAX_DOUBLINGS = 5;

/** Starts a worker. `process` makes the world agree with the key's object; `signal` aborts on stop, which waits for calls under way. */
export function startWorker(
  process: (key: string, signal: AbortSignal) => Promise<void>,
  { retryDelayMs, onError, clock = systemClock }: WorkerOptions,
): Worker {
  const stopping = new AbortController();
  const running = new Map<string, { again: boolean; done: Promise<void> }>();
  const delayed = new Map<string, { dueMs: number; cancel: AbortController }>();
  const failures = new Map<string, number>();

  const work = async (key: string): Promise<void> => {
    try {
      await process(key, stopping.signal);
      failures.delete(key);
    } catch (error) {
      if (stopping.signal.aborted) return;
      const failed = failures.get(key) ?? 0;
      failures.set(key, failed + 1);
      onError?.(error, key);
      enqueue(key, retryDelayMs * 2 ** Math.min(failed, MAX_DOUBLINGS));
    }
  };

  const start = (key: string): void => {
    const entry = { again: false, done: Promise.resolve() };
    running.set(key, entry);
    entry.done = (async () => {
      // A turn later, so that a burst of events for one key is one call.
      await Promise.resolve();
      do {
        entry.again = false;
        await work(key);
      } while (entry.again && !stopping.signal.aborted);
      running.delete(key);
    })();
  };

  const later = async (key: string, afterMs: number): Promise<void> => {
    const dueMs = clock.now() + afterMs;
    const waiting = delayed.get(key);
    if (waiting !== undefined && waiting.dueMs <= dueMs) return;
    waiting?.cancel.abort();
    const cancel = new AbortController();
    delayed.set(key, { dueMs, cancel });
    try {
      await clock.sleep(afterMs, AbortSignal.any([cancel.signal, stopping.signal]));
    } catch {
      return; // Replaced by an earlier time, or stopped.
    }
    delayed.delete(key);
    enqueue(key);
  };

  function enqueue(key: string, afterMs = 0): void {
    if (stopping.signal.aborted || afterMs === Number.POSITIVE_INFINITY) return;
    if (afterMs > 0) {
      void later(key, afterMs);
      return;
    }
    const current = running.get(key);
    if (current === undefined) start(key);
    else current.again = true;
  }

  return {
    enqueue,
    async stop() {
      stopping.abort(new Error('the worker was stopped'));
      await Promise.all([...running.values()].map((entry) => entry.done));
    },
  };
}
