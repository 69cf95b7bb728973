/** A clock whose time passes only while somebody sleeps, and then at once. */
import type { Clock } from '../../lib/ports.ts';

interface Entry {
  atMs: number;
  run: () => void | Promise<void>;
  /** Set on sleepers: time moves on as long as there is one. */
  fail?: (error: unknown) => void;
}

const START_MS = Date.UTC(2026, 0, 1);

// Lets everything that is ready run first, so that all who sleep are known before time moves on.
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export class FakeClock implements Clock {
  readonly startMs: number;
  /** Every sleep that was asked for, in ms. */
  readonly sleeps: number[] = [];
  readonly #maxSleeps: number;
  #nowMs: number;
  #entries: Entry[] = [];
  #running = false;

  /** `maxSleeps` ends a test whose code would otherwise poll for ever. */
  constructor(options: { startMs?: number; maxSleeps?: number } = {}) {
    this.startMs = options.startMs ?? START_MS;
    this.#maxSleeps = options.maxSleeps ?? 100_000;
    this.#nowMs = this.startMs;
  }

  now(): number {
    return this.#nowMs;
  }

  /** Runs `fn` once `ms` have passed since the start of the clock, in the order of times; what it throws fails the sleepers. */
  at(ms: number, fn: () => void | Promise<void>): void {
    this.#add({ atMs: this.startMs + ms, run: fn });
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    this.sleeps.push(ms);
    if (this.sleeps.length > this.#maxSleeps) throw new Error(`slept ${this.#maxSleeps} times: does this ever end?`);
    await new Promise<void>((resolve, reject) => {
      const abort = (): void => {
        this.#entries = this.#entries.filter((other) => other !== entry);
        reject(signal?.reason);
      };
      const run = (): void => {
        signal?.removeEventListener('abort', abort);
        resolve();
      };
      const entry: Entry = { atMs: this.#nowMs + Math.max(0, ms), run, fail: reject };
      signal?.addEventListener('abort', abort, { once: true });
      this.#add(entry);
      void this.#passTime();
    });
  }

  #add(entry: Entry): void {
    this.#entries.push(entry);
    // A stable sort: equal times keep the order in which they were asked for.
    this.#entries.sort((a, b) => a.atMs - b.atMs);
  }

  async #passTime(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    await settle();
    while (this.#entries.some((entry) => entry.fail !== undefined)) {
      const next = this.#entries.shift();
      if (next === undefined) break;
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      try {
        await next.run();
      } catch (error) {
        for (const sleeper of this.#entries.splice(0)) sleeper.fail?.(error);
      }
      await settle();
    }
    this.#running = false;
  }
}
