/**
 * Counts what one backend is given and closes a sample at every period boundary (unix time divisible by the period).
 * ConNum of a period is the MAXIMUM of connections open at any moment of it, counted from the dial on: conservative, so a
 * zero means that nothing was open for the whole period. Health probes are not counted.
 */

/** The counts of one period. `timestamp` is its first second; byte and packet counts are totals of the period. */
export interface Sample {
  timestamp: number;
  conNum: number;
  newConn: number;
  inPkg: number;
  outPkg: number;
  inBytes: number;
  outBytes: number;
}

const KEPT_SAMPLES = 3600;

const emptySample = (timestamp: number, open: number): Sample => ({
  timestamp,
  conNum: open,
  newConn: 0,
  inPkg: 0,
  outPkg: 0,
  inBytes: 0,
  outBytes: 0,
});

export class Meter {
  readonly #periodSeconds: number;
  readonly #samples: Sample[] = [];
  #current: Sample | undefined;
  #open = 0;

  /** `periodSeconds`: length of one sample. */
  constructor(periodSeconds: number) {
    this.#periodSeconds = periodSeconds;
  }

  get openConnections(): number {
    return this.#open;
  }

  /** Whether the backend is bound now; a meter that is not running gets no new samples. */
  get running(): boolean {
    return this.#current !== undefined;
  }

  /** The backend is bound: samples begin with the period that holds `nowMs`. */
  start(nowMs: number): void {
    if (this.#current !== undefined) return;
    const period = this.#periodOf(nowMs);
    // Bound again within the period of its unbinding: that sample goes on.
    const last = this.#samples.at(-1)?.timestamp === period ? this.#samples.pop() : undefined;
    this.#current = last ?? emptySample(period, this.#open);
  }

  /** The backend is unbound: the series ends with the sample of this period. */
  stop(nowMs: number): void {
    const last = this.#roll(nowMs);
    if (last !== undefined) this.#samples.push(last);
    this.#current = undefined;
  }

  opened(nowMs: number): void {
    this.#open += 1;
    const sample = this.#roll(nowMs);
    if (sample === undefined) return;
    sample.newConn += 1;
    sample.conNum = Math.max(sample.conNum, this.#open);
  }

  closed(nowMs: number): void {
    this.#roll(nowMs);
    this.#open -= 1;
  }

  /** One chunk from the client to the backend. */
  receivedByBackend(bytes: number, nowMs: number): void {
    const sample = this.#roll(nowMs);
    if (sample === undefined) return;
    sample.inPkg += 1;
    sample.inBytes += bytes;
  }

  /** One chunk from the backend to the client. */
  sentByBackend(bytes: number, nowMs: number): void {
    const sample = this.#roll(nowMs);
    if (sample === undefined) return;
    sample.outPkg += 1;
    sample.outBytes += bytes;
  }

  /** Every closed sample, oldest first; the caller leaves out a last one whose period is not over. */
  samples(nowMs: number): readonly Sample[] {
    this.#roll(nowMs);
    return this.#samples;
  }

  #periodOf(nowMs: number): number {
    return Math.floor(nowMs / 1000 / this.#periodSeconds) * this.#periodSeconds;
  }

  #roll(nowMs: number): Sample | undefined {
    const current = this.#current;
    if (current === undefined || nowMs < (current.timestamp + this.#periodSeconds) * 1000) return current;
    const period = this.#periodOf(nowMs);
    this.#samples.push(current);
    // Each connection that is open now was open through every period in between: each change of it rolls first.
    const from = Math.max(current.timestamp + this.#periodSeconds, period - KEPT_SAMPLES * this.#periodSeconds);
    for (let timestamp = from; timestamp < period; timestamp += this.#periodSeconds) {
      this.#samples.push(emptySample(timestamp, this.#open));
    }
    if (this.#samples.length > 2 * KEPT_SAMPLES) this.#samples.splice(0, this.#samples.length - KEPT_SAMPLES);
    this.#current = emptySample(period, this.#open);
    return this.#current;
  }
}
