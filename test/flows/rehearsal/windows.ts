/** Upgrades by the sliding window, for the tests of its loop. */
import { upgradeIntent } from './rehearsal.ts';

/** At most three of the ten pods out of service, and an hour to wait. */
export const windowOfThree = upgradeIntent({
  maxUnavailable: { kind: 'count', count: 3 },
  timeoutMs: 3_600_000,
  minServing: { kind: 'count', count: 1 },
});
