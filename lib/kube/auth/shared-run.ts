/** One piece of work that several may wait for: who waits leaves when its signal aborts, and when the last one has left the work is aborted. */
export class SharedRun<T> {
  readonly #outcome: Promise<T>;
  readonly #abandon = new AbortController();
  #waiting = 0;

  constructor(work: (abandoned: AbortSignal) => Promise<T>) {
    this.#outcome = work(this.#abandon.signal);
  }

  /** All waiters are gone, so the run was aborted and will never settle. */
  get abandoned(): boolean {
    return this.#abandon.signal.aborted;
  }

  /** The result of the work. Rejects with the signal's reason as well. */
  wait(signal: AbortSignal | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#waiting += 1;
      const leave = () => {
        this.#waiting -= 1;
        if (this.#waiting === 0) this.#abandon.abort();
        reject(signal?.reason);
      };
      this.#outcome.then(resolve, reject).finally(() => signal?.removeEventListener('abort', leave));
      if (signal?.aborted) leave();
      else signal?.addEventListener('abort', leave, { once: true });
    });
  }
}
