import type { IncomingHttpHeaders } from 'node:http';

/** client-go gives up after this many repetitions. */
export const MAX_RETRIES = 10;

/**
 * Milliseconds that the server asks to wait before the same request; undefined = do not repeat it.
 * Only 429 and 5xx with a Retry-After count: by sending it the server says that it did not take the request (client-go, checkWait).
 */
export function retryAfterMs(status: number, headers: IncomingHttpHeaders): number | undefined {
  if (status !== 429 && status < 500) return undefined;
  const seconds = headers['retry-after'];
  return seconds !== undefined && /^\d+$/.test(seconds.trim()) ? Number(seconds) * 1000 : undefined;
}
