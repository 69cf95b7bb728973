import type { Clock } from '../../ports.ts';

/** Keeps what was read for a while, so that a polling verb does not ask for what hardly changes. Failures are not kept. */
export interface Memo<T> {
  get(key: string, load: () => Promise<T>): Promise<T>;
  forget(key: string): void;
}

/** Values live `ttlMs` on the clock, and not at a time before they were read: a clock that is set back would keep them for ever. */
export function createMemo<T>(clock: Clock, ttlMs: number): Memo<T> {
  const kept = new Map<string, { value: T; fromMs: number; untilMs: number }>();
  return {
    async get(key, load) {
      const hit = kept.get(key);
      // Counted from before the read: the value is at least that old.
      const fromMs = clock.now();
      if (hit !== undefined && hit.fromMs <= fromMs && fromMs < hit.untilMs) return hit.value;
      const value = await load();
      kept.set(key, { value, fromMs, untilMs: fromMs + ttlMs });
      return value;
    },
    forget: (key) => void kept.delete(key),
  };
}
