import type { Clock } from '../ports.ts';

/** Keeps what was read for a while, so that a polling verb does not ask for what hardly changes. Failures are not kept. */
export interface Memo<T> {
  get(key: string, load: () => Promise<T>): Promise<T>;
  forget(key: string): void;
}

/** Values live `ttlMs` on the clock. */
export function createMemo<T>(clock: Clock, ttlMs: number): Memo<T> {
  const kept = new Map<string, { value: T; untilMs: number }>();
  return {
    async get(key, load) {
      const hit = kept.get(key);
      if (hit !== undefined && clock.now() < hit.untilMs) return hit.value;
      // Counted from before the read: the value is at least that old.
      const untilMs = clock.now() + ttlMs;
      const value = await load();
      kept.set(key, { value, untilMs });
      return value;
    },
    forget: (key) => void kept.delete(key),
  };
}
