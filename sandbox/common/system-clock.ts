/** The wall clock, behind the port that tests replace. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../../lib/ports.ts';

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) => delay(ms, undefined, signal === undefined ? {} : { signal }),
};
