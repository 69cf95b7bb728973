/** Whole upgrades on the simulated clock, by the window and by batches, against what no operator could be quicker than. */

import { availableParallelism } from 'node:os';
import { startChild } from '../../sandbox/bare/child.ts';
import { type Bounds, boundsOf } from '../rollout/bounds.ts';
import type { KeptRollouts, RolloutUnit } from '../rollout/kept-rollouts.ts';
import { DISTRIBUTIONS } from '../rollout/lengths.ts';
import { ownTimesMs, type Rollout, SIZE } from '../rollout/one-rollout.ts';
import type { RolloutWorker } from '../rollout/rollout-worker.ts';

/** One seed: the same connections for both ways. */
export interface RolloutPair extends Omit<RolloutUnit, 'way'> {
  bounds: Bounds;
  window: Rollout;
  batches: Rollout;
}

export interface RolloutExtent {
  /** Numbers of pods. */
  sizes: readonly number[];
  /** Of up to a hundred pods; more hold as many connections in one seed as ten of these, and get a tenth of the seeds. */
  seeds: number;
}

const SOAKS_MS = [0, 600_000];
const MANY_PODS = 100;
const SEEDS_AT_ONCE = 10;

/** Most garbage is of the look before: in a larger young generation it is gone before it is copied. */
const WORKER_FLAGS = ['--max-semi-space-size=32'];
const WORKER = new URL('../rollout/rollout-worker.ts', import.meta.url);

/**
 * Reads from `kept` the rollouts that have been measured, adds the others to it one by one, and returns the pairs of which both ways
 * are there. The clock is simulated: `workers` of them at once, and any load beside them, change the time it takes and no figure.
 */
export async function measureRollouts(
  extent: RolloutExtent,
  kept: KeptRollouts,
  tell: (line: string) => void,
  workers = availableParallelism(),
): Promise<RolloutPair[]> {
  const units = unitsOf(extent);
  const left = units.filter((unit) => kept.get(unit) === undefined);
  tell(`rollout: ${units.length - left.length} of ${units.length} rollouts are measured`);
  const work = async (): Promise<void> => {
    const worker = await startChild<RolloutWorker>(WORKER, WORKER_FLAGS);
    try {
      for (let unit = left.shift(); unit !== undefined; unit = left.shift()) {
        kept.add(unit, await worker.ask('rollout', unit));
        const { pods, soakMs, distribution, seed, way } = unit;
        tell(`rollout: ${pods} pods, ${distribution}, soak ${soakMs / 60_000} min, seed ${seed}, ${way}`);
      }
    } finally {
      await worker.stop();
    }
  };
  await Promise.all(Array.from({ length: Math.min(workers, left.length) }, work));
  return pairsOf(extent, kept);
}

/** The pairs that are measured. */
export function pairsOf(extent: RolloutExtent, kept: KeptRollouts): RolloutPair[] {
  return unitsOf(extent).flatMap((unit): RolloutPair[] => {
    if (unit.way !== 'window') return [];
    const { way: _way, ...pair } = unit;
    const [window, batches] = [kept.get(unit), kept.get({ ...unit, way: 'batches' })];
    if (window === undefined || batches === undefined) return [];
    return [{ ...pair, bounds: boundsOf(ownTimesMs(unit), SIZE), window, batches }];
  });
}

/** Seed by seed, so that wherever it is stopped every cell has as many. */
export function unitsOf({ sizes, seeds }: RolloutExtent): RolloutUnit[] {
  return sizes.flatMap((pods) => {
    const count = pods > MANY_PODS ? Math.ceil(seeds / SEEDS_AT_ONCE) : seeds;
    return Array.from({ length: count }, (_, index) => index + 1).flatMap((seed) =>
      SOAKS_MS.flatMap((soakMs) =>
        DISTRIBUTIONS.flatMap((distribution) =>
          (['window', 'batches'] as const).map((way) => ({ pods, soakMs, distribution, seed, way })),
        ),
      ),
    );
  });
}
