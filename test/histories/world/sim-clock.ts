/** The clock of a history: time moves from one event to the next, and only once everything that is ready has run. */
import type { Clock } from '../../../lib/ports.ts';

const turn = globalThis.setImmediate;

interface Entry {
  atMs: number;
  serial: number;
  run: (() => void) | undefined;
  /** It wakes no one who waits, so that no turn of the event loop is needed after it. */
  quiet: boolean;
}

export class SimClock implements Clock {
  readonly startMs = Date.UTC(2026, 0, 5, 8);
  /** Events so far. */
  events = 0;
  #nowMs = this.startMs;
  #stirred = false;
  #serial = 0;
  readonly #heap: Entry[] = [];

  now(): number {
    return this.#nowMs;
  }

  /** Milliseconds since the beginning of the history. */
  get elapsedMs(): number {
    return this.#nowMs - this.startMs;
  }

  /** Runs `run` after `ms`; returns what takes it back. */
  after(ms: number, run: () => void, quiet = false): () => void {
    this.#serial += 1;
    const entry: Entry = { atMs: this.#nowMs + Math.ceil(Math.max(0, ms)), serial: this.#serial, run, quiet };
    this.#heap.push(entry);
    this.#up(this.#heap.length - 1);
    return () => {
      entry.run = undefined;
    };
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      const abort = (): void => {
        cancel();
        reject(signal?.reason);
      };
      const cancel = this.after(ms, () => {
        signal?.removeEventListener('abort', abort);
        resolve();
      });
      signal?.addEventListener('abort', abort, { once: true });
    });
  }

  /** An event that is quiet by itself has changed what others watch: they run before time passes on. */
  stir(): void {
    this.#stirred = true;
  }

  /** Lets time pass until `isDone`, or until `untilMs` of the history have passed, or nothing is left to happen. */
  async run(isDone: () => boolean, untilMs: number): Promise<'done' | 'late' | 'idle'> {
    for (;;) {
      this.#stirred = false;
      await settled();
      if (isDone()) return 'done';
      for (;;) {
        const next = this.#pop();
        if (next === undefined) return 'idle';
        this.#pass(next);
        if (this.elapsedMs > untilMs) return 'late';
        if (!next.quiet || this.#stirred || isDone()) break;
      }
    }
  }

  #pass({ atMs, run }: Entry): void {
    this.#nowMs = Math.max(this.#nowMs, atMs);
    this.events += 1;
    run?.();
  }

  #pop(): Entry | undefined {
    for (;;) {
      const [first] = this.#heap;
      if (first === undefined) return undefined;
      const last = this.#heap.pop() as Entry;
      if (this.#heap.length > 0) {
        this.#heap[0] = last;
        this.#down(0);
      }
      if (first.run !== undefined) return first;
    }
  }

  #up(start: number): void {
    const heap = this.#heap;
    for (let at = start; at > 0; ) {
      const parent = (at - 1) >> 1;
      if (!before(heap[at] as Entry, heap[parent] as Entry)) return;
      [heap[at], heap[parent]] = [heap[parent] as Entry, heap[at] as Entry];
      at = parent;
    }
  }

  #down(start: number): void {
    const heap = this.#heap;
    for (let at = start; ; ) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2])
        if (child < heap.length && before(heap[child] as Entry, heap[least] as Entry)) least = child;
      if (least === at) return;
      [heap[at], heap[least]] = [heap[least] as Entry, heap[at] as Entry];
      at = least;
    }
  }
}

const before = (a: Entry, b: Entry): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && a.serial < b.serial);

/** Everything that is ready has run: microtasks and ticks are all done before an immediate is. */
const settled = (): Promise<void> => new Promise((resolve) => turn(resolve));
