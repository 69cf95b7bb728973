/**
 * This machine's clock against the API server's, which stands for the cloud's: Cloud Monitor's points carry the cloud's time, and
 * a stability window that is counted by a clock that is behind holds points from before weight 0.
 */

/** A larger difference is reported. */
export const MAX_SKEW_MS = 60_000;

/** `this machine's clock is 90s behind the API server's`. */
export function skewText(aheadMs: number): string {
  const seconds = Math.round(Math.abs(aheadMs) / 1000);
  return `this machine's clock is ${seconds}s ${aheadMs > 0 ? 'ahead of' : 'behind'} the API server's`;
}
