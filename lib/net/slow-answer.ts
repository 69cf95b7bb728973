/** Says within seconds what is being waited for, and which request the time-out has cut. */
import { TimeLimitError } from '../core/errors.ts';

/** Whoever looks at a still screen for longer wants to know why. */
const SLOW_MS = 3_000;

/** Takes a line for people. */
export type Tell = (line: string) => void;

/** What `work` comes to. Tells once that `request` (`GET https://…`) has not been answered, if it takes long. */
export async function tellWhenSlow<T>(request: string, tell: Tell, work: Promise<T>, slowMs = SLOW_MS): Promise<T> {
  const timer = setTimeout(() => tell(`waiting: ${request} has not been answered for ${slowMs / 1000}s`), slowMs);
  try {
    return await work;
  } finally {
    clearTimeout(timer);
  }
}

/** The reason of an aborted signal; a time-out's names the request that it has cut. */
export function reasonNaming(request: string, signal: AbortSignal): unknown {
  const reason: unknown = signal.reason;
  return reason instanceof TimeLimitError ? reason.during(request) : reason;
}
