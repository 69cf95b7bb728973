/**
 * The grounds of a proof of zero: the Services as the look that proved it saw them, and the moment of that look. Law: every step
 * before a deletion or a scale-down is judged against these, however many looks come between; no later look makes them newer.
 */

import type { Facts } from '../../core/facts/facts.ts';
import type { TargetIntent } from '../../core/intent/intent.ts';
import type { Clock } from '../../ports.ts';
import type { ZeroWatch } from '../zero/zero-watch.ts';

/** After this long the readings say nothing of the time between: connections may have come and been hidden by a source that lags. */
const LAPSED_MS = 30_000;

export interface ZeroGrounds {
  /** False once too much time has passed since the look that proved zero. A clock that went back makes it old. */
  isRecent(): boolean;
  /** Whether that is so, and these facts show no Service of the target written since that look. */
  holdAt(now: Facts): boolean;
}

/** Pods that were seen at zero, and why that may still be believed. */
export interface SeenZero {
  /** Of exactly these pods. */
  watch: ZeroWatch;
  grounds: ZeroGrounds;
}

/** `atMs`: when the look began, by this machine's clock. */
export function zeroGrounds(
  clock: Clock,
  { services: named }: TargetIntent,
  { facts, atMs }: { facts: Facts; atMs: number },
): ZeroGrounds {
  const proved = versionsOf(facts);
  const known = new Map(proved);
  const isRecent = (): boolean => Math.abs(clock.now() - atMs) <= LAPSED_MS;
  return {
    isRecent,
    holdAt(now) {
      const seen = versionsOf(now);
      // The look saw none that --service leaves out: the first facts that show one are the beginning for it.
      if (named !== undefined) for (const [name, version] of seen) if (!known.has(name)) known.set(name, version);
      const isUnwritten = [...seen].every(([name, version]) => known.get(name) === version);
      return isRecent() && isUnwritten && [...proved.keys()].every((name) => seen.has(name));
    },
  };
}

const versionsOf = ({ services }: Facts): Map<string, string> =>
  new Map(services.map(({ service }) => [service.name, service.resourceVersion]));
