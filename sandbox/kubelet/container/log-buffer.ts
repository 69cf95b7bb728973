/** The last lines a container wrote, each with its moment, for `kubectl logs`. */

export interface LogLine {
  atMs: number;
  text: string;
}

const KEPT_LINES = 5_000;

export class LogBuffer {
  readonly #now: () => number;
  readonly #followers = new Set<(line: LogLine) => void>();
  #lines: LogLine[] = [];

  constructor(now: () => number) {
    this.#now = now;
  }

  write(text: string): void {
    const line = { atMs: this.#now(), text };
    this.#lines.push(line);
    // Cut in halves rather than one by one: shifting thousands of lines for every request would show.
    if (this.#lines.length > 2 * KEPT_LINES) this.#lines = this.#lines.slice(-KEPT_LINES);
    for (const follower of this.#followers) follower(line);
  }

  /** The kept lines, oldest first; at most 5,000. */
  lines(): readonly LogLine[] {
    return this.#lines.slice(-KEPT_LINES);
  }

  /** Calls back for every line from now on; the returned function ends that. */
  follow(onLine: (line: LogLine) => void): () => void {
    this.#followers.add(onLine);
    return () => this.#followers.delete(onLine);
  }
}
