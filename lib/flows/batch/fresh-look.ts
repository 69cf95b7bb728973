/** The age of the last look when a deletion or a scale-down is sent: credentials, a lease or a machine that sleeps come between. */

import type { Facts } from '../../core/facts/facts.ts';
import type { Clock } from '../../ports.ts';

/** A look that began this long ago still counts; the readings of a slow cluster take a part of it. */
const FRESH_MS = 5_000;
/** After this long the readings say nothing of the time between: connections may have come and been hidden by a source that lags. */
const LAPSED_MS = 30_000;

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
  takenAtMs: () => number;
  /** The quick readings once more. Returns false where a Service was written in between. */
  repeat: () => Promise<boolean>;
  /** Called when the time between says too little. */
  lapsed: () => Promise<void>;
}

/** Does nothing while the last look is fresh. A clock that went back makes it old. */
export async function freshen({ clock, takenAtMs, repeat, lapsed }: Aged): Promise<void> {
  const age = (): number => Math.abs(clock.now() - takenAtMs());
  const ageMs = age();
  if (ageMs <= FRESH_MS) return;
  if (ageMs > LAPSED_MS || !(await repeat())) await lapsed();
}

/** Whether no Service of the target was written between two looks. */
export function unwritten(before: Facts, after: Facts): boolean {
  const versions = ({ services }: Facts) =>
    services.map(({ service }) => `${service.name} ${service.resourceVersion}`).join();
  return versions(before) === versions(after);
}
