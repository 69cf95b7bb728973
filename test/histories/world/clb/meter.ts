/** The series that Cloud Monitor keeps of one backend. */

/** Points that Cloud Monitor keeps of a series. */
const KEPT_POINTS = 400;

/** The most connections of every period, as Cloud Monitor shows them. */
export class Meter {
  readonly #most = new Map<number, number>();
  #open = 0;
  #at: number;
  readonly #periodMs: number;

  constructor(nowMs: number, periodMs: number) {
    this.#periodMs = periodMs;
    this.#at = Math.floor(nowMs / periodMs);
    this.#most.set(this.#at, 0);
  }

  change(nowMs: number, by: 1 | -1): void {
    this.#passTo(nowMs);
    this.#open += by;
    this.#most.set(this.#at, Math.max(this.#most.get(this.#at) ?? 0, this.#open));
  }

  /** Periods that are over at `untilMs`: their first second, and the most connections in them. */
  points(nowMs: number, untilMs: number): [number, number][] {
    this.#passTo(nowMs);
    return [...this.#most]
      .filter(([slot]) => (slot + 1) * this.#periodMs <= untilMs)
      .map(([slot, most]) => [(slot * this.#periodMs) / 1000, most]);
  }

  #passTo(nowMs: number): void {
    const slot = Math.floor(nowMs / this.#periodMs);
    while (this.#at < slot) {
      this.#at += 1;
      this.#most.set(this.#at, this.#open);
      this.#most.delete(this.#at - KEPT_POINTS);
    }
  }
}
