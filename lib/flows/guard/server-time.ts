/** The API server's clock, which timestamps in the cluster use; this machine's clock may differ. */
import type { World } from '../../ports.ts';

/** Now, by the API server's clock as far as it is known; ms since 1970. */
export const serverNowMs = ({ clock, kube }: Pick<World, 'clock' | 'kube'>): number =>
  clock.now() - (kube.clockAheadMs?.() ?? 0);
