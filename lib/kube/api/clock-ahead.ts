/**
 * How far the local clock is ahead: the header names a whole second (RFC 9110, 6.6.1) somewhere between request and answer,
 * and within these bounds both clocks agree.
 */
export function clockAhead(date: string | undefined, beganMs: number, endedMs: number): number | undefined {
  const secondMs = Date.parse(date ?? '');
  if (!Number.isFinite(secondMs)) return undefined;
  if (beganMs > secondMs + 999) return beganMs - (secondMs + 999);
  return endedMs < secondMs ? endedMs - secondMs : 0;
}
