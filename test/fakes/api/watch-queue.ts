/** A watch without a wire: the events that the sandbox's API server hands over, one after the other, as a client takes them. */
import type { WatchEvent } from '../../../lib/ports.ts';
import type { WatchReceiver } from '../../../sandbox/apiserver/rest/read/watch-objects.ts';

/**
 * Yields what `start` sends until the watch ends: by the server, by `signal`, or by a function of `open`, which holds the
 * ends of all open watches. `start` returns how to stop; it is called when the consumer leaves too.
 */
export async function* watchQueue(
  start: (receiver: WatchReceiver) => () => void,
  open: Set<() => void>,
  signal: AbortSignal | undefined,
): AsyncIterable<WatchEvent> {
  const queue: WatchEvent[] = [];
  let isOpen = signal?.aborted !== true;
  let wake = (): void => undefined;
  const end = (): void => {
    isOpen = false;
    wake();
  };
  const add = (event: WatchEvent): void => {
    queue.push(event);
    wake();
  };
  const stop = start({
    event: (type, object) => add({ type, object }),
    bookmark: () => undefined,
    error: (status) => add({ type: 'ERROR', object: { ...status } }),
    end,
  });
  open.add(end);
  signal?.addEventListener('abort', end);
  try {
    while (isOpen) {
      for (let event = queue.shift(); event !== undefined && isOpen; event = queue.shift()) yield event;
      if (!isOpen) return;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  } finally {
    stop();
    open.delete(end);
    signal?.removeEventListener('abort', end);
  }
}
