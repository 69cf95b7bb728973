/** Makes this process' own clocks and chance those of a history: what no port reaches must not differ from run to run. */
import type { Dice } from './dice.ts';
import type { SimClock } from './sim-clock.ts';

const real = { Date: globalThis.Date, setTimeout, clearTimeout, setInterval, clearInterval, random: Math.random };
const realTimeout = AbortSignal.timeout;

/** Replaces Date, timers, AbortSignal.timeout and Math.random; returns what puts them back. */
export function ownGlobals(clock: SimClock, dice: Dice): () => void {
  class SimDate extends real.Date {
    constructor(...given: unknown[]) {
      if (given.length === 0) super(clock.now());
      else super(...(given as [number]));
    }
    static override now(): number {
      return clock.now();
    }
  }
  const timers = new Map<object, () => void>();
  const later = (run: (...given: unknown[]) => void, ms = 0, ...given: unknown[]): object => {
    const handle = { ref: () => handle, unref: () => handle, hasRef: () => false, [Symbol.toPrimitive]: () => 0 };
    timers.set(
      handle,
      clock.after(ms, () => {
        timers.delete(handle);
        run(...given);
      }),
    );
    return handle;
  };
  const never = (handle: object): void => {
    timers.get(handle)?.();
    timers.delete(handle);
  };
  Object.assign(globalThis, {
    Date: SimDate,
    setTimeout: later,
    clearTimeout: never,
    setInterval: () => {
      throw new Error('no interval in a history');
    },
    clearInterval: never,
  });
  Math.random = () => dice.roll('Math.random');
  AbortSignal.timeout = (ms) => {
    const controller = new AbortController();
    clock.after(ms, () =>
      controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError')),
    );
    return controller.signal;
  };
  return () => {
    const { random, ...globals } = real;
    Object.assign(globalThis, globals);
    Math.random = random;
    AbortSignal.timeout = realTimeout;
  };
}
