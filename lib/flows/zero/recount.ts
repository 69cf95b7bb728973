/**
 * The pods' own sockets once more, right before a deletion: a weight keeps the load balancer's new clients away, and nothing keeps those
 * away that come past it.
 */

import { backendKey } from '../../core/facts/backends.ts';
import type { ZeroIntent } from '../../core/intent/intent.ts';
import type { ZeroRow } from '../../core/zero/zero-view.ts';
import type { World } from '../../ports.ts';
import type { Assignment } from './choose-sources.ts';
import { rowPlace } from './sampler.ts';

/** A probe is over by then. */
const SECOND_LOOK_MS = 500;

/** A row for each port that holds connections now, at two looks. Throws what a source throws that cannot be asked. */
export async function recount(
  world: World,
  intent: ZeroIntent,
  assignments: readonly Assignment[],
): Promise<readonly ZeroRow[]> {
  const seen = await countOnce(world, intent, assignments);
  if (seen.length === 0) return seen;
  await world.clock.sleep(SECOND_LOOK_MS, world.signal);
  return countOnce(world, intent, assignments);
}

async function countOnce(
  { clock, signal }: World,
  { maxConnections }: ZeroIntent,
  assignments: readonly Assignment[],
): Promise<readonly ZeroRow[]> {
  const seen = assignments
    .filter(({ source }) => source.countsInside)
    .map(async ({ source, backends }) => {
      const series = await source.read(backends, clock.now(), { signal });
      return backends.flatMap((backend): ZeroRow[] => {
        const found = series.find((each) => backendKey(each.backend) === backendKey(backend));
        const connections = found?.points.at(-1)?.value ?? null;
        if (connections !== null && connections <= maxConnections) return [];
        const because = connections === null ? 'the source gave no number' : '';
        const row = { ...rowPlace(backend, source.name), connections, because, holders: found?.holders ?? [] };
        return [{ ...row, verdict: because === '' ? 'busy' : 'unknown', trend: 'steady', filledMs: 0, neededMs: 0 }];
      });
    });
  return (await Promise.all(seen)).flat();
}
