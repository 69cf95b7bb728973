/** A drain whose write failed halfway, or whose answer was lost: the next look shows which pods it has begun all the same. */

import { intersection, without } from '../../core/target/ordinals.ts';
import { keep } from '../upgrade/run.ts';
import type { WindowSight } from './window-sights.ts';
import type { WindowState } from './window-state.ts';

/** Counts them as begun by this run: against what the person has agreed to, and as pods whose weight no other writer may give back. */
export function settleTried(window: WindowState, { facts: { set, drainSet, atZero } }: WindowSight): void {
  const { run, tried, taken = new Set() } = window;
  window.tried = [];
  const begun = without(intersection(tried, drainSet), [...taken]);
  window.allowance -= begun.length;
  for (const ordinal of begun) taken.add(ordinal);
  // One that is not at 0 everywhere is drained again, and is a result of that write.
  const whole = intersection(begun, atZero);
  keep(run, {
    results: whole.map((ordinal) => ({ object: `pod/${set.name}-${ordinal}`, action: 'drained', changed: true })),
  });
}
