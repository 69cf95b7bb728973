/** How long a container waits before it is started again: longer with each failure. */

/** A real kubelet waits 10 s, doubling to 5 minutes; a rehearsal is shorter, the doubling is the same. */
export const FIRST_BACKOFF_MS = 1_000;
const LONGEST_BACKOFF_MS = 30_000;

export class Backoff {
  #failures = 0;

  /** Whether there has been a failure since the last reset. */
  get began(): boolean {
    return this.#failures > 0;
  }

  begin(): void {
    this.#failures = 1;
  }

  reset(): void {
    this.#failures = 0;
  }

  /** One more failure; returns the wait after it. */
  nextMs(): number {
    this.#failures += 1;
    return Math.min(FIRST_BACKOFF_MS * 2 ** (this.#failures - 1), LONGEST_BACKOFF_MS);
  }
}
