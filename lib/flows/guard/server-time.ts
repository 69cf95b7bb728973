/** The time that objects of the cluster carry, which the clock of this machine may be ahead of or behind. */
import type { World } from '../../ports.ts';

/** Now, by the API server's clock as far as it is known; ms since 1970. */
export const serverNowMs = ({ clock, kube }: Pick<World, 'clock' | 'kube'>): number =>
  clock.now() - (kube.clockAheadMs?.() ?? 0);
