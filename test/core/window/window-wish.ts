/** The wish for a window and the pods that it sees, as tests begin with them. */
import type { WindowWish } from '../../../lib/core/window/actions.ts';
import type { Place, SeenPod } from '../../../lib/core/window/place.ts';

/** At most two pods out, in any order, and no limit besides. */
export const wish = (change: Partial<WindowWish> = {}): WindowWish => ({
  maxUnavailable: 2,
  refill: 'each',
  ordered: false,
  most: Number.POSITIVE_INFINITY,
  allowance: Number.POSITIVE_INFINITY,
  deferred: new Set(),
  paused: false,
  stopped: false,
  ...change,
});

/** One pod a word, from ordinal 0 on. */
export const seen = (...places: Place[]): SeenPod[] => places.map((place, ordinal) => ({ ordinal, place }));
