/** Says within seconds what is being waited for, and which request the time-out has cut. */
import { TimeLimitError } from '../core/errors.ts';

/** An operator who looks at a still screen for longer wants to know why. */
const SLOW_MS = 3_000;

/** Takes a line for people. */
export type Tell = (line: string) => void;

/** Names the first of the requests of one client that is slow, once, until one of them ends: of many at a time one says enough. */
export class SlowAnswers {
  readonly #tell: Tell;
  readonly #slowMs: number;
  #shown = false;

  constructor(tell: Tell, slowMs = SLOW_MS) {
    this.#tell = tell;
    this.#slowMs = slowMs;
  }

  /** The result of `work`; `what` is `GET https://… has not been answered`. */
  async watch<T>(what: string, work: Promise<T>): Promise<T> {
    const timer = setTimeout(() => {
      if (!this.#shown) this.#tell(`waiting: ${what} for ${this.#slowMs / 1000}s`);
      this.#shown = true;
    }, this.#slowMs);
    try {
      return await work;
    } finally {
      clearTimeout(timer);
      this.#shown = false;
    }
  }
}

/** The reason of an aborted signal; a time-out's names the request that it has cut. */
export function reasonNaming(request: string, signal: AbortSignal): unknown {
  const reason: unknown = signal.reason;
  return reason instanceof TimeLimitError ? reason.during(request) : reason;
}
