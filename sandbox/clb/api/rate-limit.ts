import { CloudFault } from '../balancers/fault.ts';

/** At most so many calls of one key within any second (CLB API: 20 requests per second per action). */
export class RateLimit {
  readonly #perSecond: number;
  readonly #callsMs = new Map<string, number[]>();

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  /** Counts one call. Throws RequestLimitExceeded when it is one too many; a refused call is not counted. */
  take(key: string, nowMs: number): void {
    const recent = (this.#callsMs.get(key) ?? []).filter((atMs) => nowMs - atMs < 1000);
    this.#callsMs.set(key, recent);
    if (recent.length >= this.#perSecond) {
      throw new CloudFault(
        'RequestLimitExceeded',
        `Your current request times equals to \`${recent.length + 1}\` in a second, which exceeds the frequency limit \`${this.#perSecond}\` for a second. Please reduce the frequency of calls.`,
      );
    }
    recent.push(nowMs);
  }
}
