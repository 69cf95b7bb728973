/** The age of the last look when a deletion or a scale-down is sent: credentials, a lease or a machine that sleeps come between. */

import type { Clock } from '../../ports.ts';
import type { ZeroGrounds } from './zero-grounds.ts';

/** A look that began this long ago still counts; the readings of a slow cluster take a part of it. */
const FRESH_MS = 5_000;

/** Asked before a request that takes pods away is sent; each throws when they must no longer go. */
export interface BeforeGoing {
  /** Before the first sending. */
  fresh: () => Promise<void>;
  /** Before every other: the cluster may have changed. */
  again: () => Promise<void>;
}

export interface Aged {
  clock: Clock;
  /** When the last look began, by this machine's clock. */
  takenAtMs: number;
  grounds: ZeroGrounds;
  /** The quick readings once more. Returns whether the grounds hold at them. */
  repeat: () => Promise<boolean>;
  /** Called when the proof is worth nothing any longer. */
  lapsed: () => Promise<void>;
}

/** Does nothing while the last look is fresh and the proof recent. A clock that went back makes both old. */
export async function freshen({ clock, takenAtMs, grounds, repeat, lapsed }: Aged): Promise<void> {
  const isFresh = Math.abs(clock.now() - takenAtMs) <= FRESH_MS;
  if (!grounds.isRecent() || !(isFresh || (await repeat()))) await lapsed();
}
