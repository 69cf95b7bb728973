/** A client whose watches of one resource tell of everything late: what a slow control plane looks like to who depends on it. */
import type { Clock, Kube, Resource, WatchEvent } from '../../../lib/ports.ts';

/** Each event of `resource` comes `lagMs` after it happened, in order; lists and every other resource are as fast as ever. */
export function lateWatch(kube: Kube, resource: Resource, lagMs: number, clock: Clock): Kube {
  if (lagMs <= 0) return kube;
  const watch: Kube['watch'] = (asked, options) => {
    const events = kube.watch(asked, options);
    return asked.plural === resource.plural && asked.group === resource.group
      ? late(events, lagMs, clock, options?.signal)
      : events;
  };
  return new Proxy(kube, {
    get(target, property) {
      if (property === 'watch') return watch;
      const value: unknown = Reflect.get(target, property, target);
      // Bound to the client itself: its private members are not the proxy's.
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

async function* late(
  events: AsyncIterable<WatchEvent>,
  lagMs: number,
  clock: Clock,
  signal: AbortSignal | undefined,
): AsyncGenerator<WatchEvent> {
  // Read on while waiting: an event is late by the lag, and not by the lag of those before it too.
  const queue: { event: WatchEvent; dueMs: number }[] = [];
  let wake = Promise.withResolvers<void>();
  let end: { error?: unknown } | undefined;
  const read = async (): Promise<void> => {
    try {
      for await (const event of events) {
        queue.push({ event, dueMs: clock.now() + lagMs });
        wake.resolve();
      }
      end = {};
    } catch (error) {
      end = { error };
    }
    wake.resolve();
  };
  void read();
  for (;;) {
    const next = queue.shift();
    if (next !== undefined) {
      const waitMs = next.dueMs - clock.now();
      if (waitMs > 0) await clock.sleep(waitMs, signal);
      yield next.event;
    } else if (end !== undefined) {
      if ('error' in end) throw end.error;
      return;
    } else {
      await wake.promise;
      wake = Promise.withResolvers();
    }
  }
}
