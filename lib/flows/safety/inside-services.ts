/** Warns of Services that lead clients to the pods past the load balancer. A reporter shows the same warning once. */

import type { Facts } from '../../core/facts/facts.ts';
import { insideLines, ownAddressLines } from '../../core/safety/inside-rule.ts';
import type { World } from '../../ports.ts';

export function warnOfInside({ report }: World, { inside }: Pick<Facts, 'inside'>): void {
  if (inside.known) for (const line of insideLines(inside.value)) report.warn(line);
  else
    report.warn(
      `which other Services lead clients inside the cluster to the same pods is unknown: ${inside.because}; no weight stops them`,
    );
}

/** Where no source sees them, clients that come by the address of a chosen Service inside the cluster are not counted. */
export function warnOfOwnAddresses({ report }: World, { services }: Pick<Facts, 'services'>): void {
  for (const line of ownAddressLines(services.map(({ service }) => service))) report.warn(line);
}
