import { ConnectionError } from '../../core/errors.ts';

/** A signal that aborts with the request's own, or after --request-timeout (0: never) with a ConnectionError; `release` ends the latter. */
export function boundBy(
  timeoutMs: number,
  request: { method: string; signal?: AbortSignal | undefined },
  url: URL,
): { signal: AbortSignal | undefined; release: () => void } {
  if (timeoutMs === 0) return { signal: request.signal, release: () => undefined };
  const controller = new AbortController();
  const seconds = timeoutMs / 1000;
  const timer = setTimeout(() => {
    controller.abort(
      new ConnectionError(
        `Unable to connect to the server: ${request.method} ${url.origin}${url.pathname}: no whole answer within ${seconds}s`,
        { hint: '--request-timeout sets this limit; 0 means none', retryable: true },
      ),
    );
  }, timeoutMs);
  const signal = request.signal ? AbortSignal.any([request.signal, controller.signal]) : controller.signal;
  return { signal, release: () => clearTimeout(timer) };
}
