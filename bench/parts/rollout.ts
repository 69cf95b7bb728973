/** Whole upgrades on the simulated clock, by the window and by batches, against what no operator could be quicker than. */

import { type Bounds, boundsOf } from '../rollout/bounds.ts';
import { connectionLengths, DISTRIBUTIONS, type Distribution } from '../rollout/lengths.ts';
import { oneRollout, type Rollout, STABLE_FOR_MS, START_MS } from '../rollout/one-rollout.ts';

/** One seed: the same connections for both ways. */
export interface RolloutPair {
  pods: number;
  soakMs: number;
  distribution: Distribution;
  seed: number;
  bounds: Bounds;
  window: Rollout;
  batches: Rollout;
}

/** Pods that may be out of service at once, and a batch. */
export const SIZE = 10;
const SOAKS_MS = [0, 600_000];
const MOST_SEEDS_PODS = 100;

/**
 * `seeds`: of a hundred pods. More pods are one seed without a soak: a thousand hold as many connections as ten seeds of a hundred, and
 * each of ten times as many looks reads ten times as many pods.
 */
export async function measureRollouts(
  { sizes, seeds }: { sizes: readonly number[]; seeds: number },
  tell: (line: string) => void,
): Promise<RolloutPair[]> {
  const pairs: RolloutPair[] = [];
  for (const pods of sizes)
    for (let seed = 1; seed <= (pods > MOST_SEEDS_PODS ? 1 : seeds); seed++)
      for (const soakMs of pods > MOST_SEEDS_PODS ? [0] : SOAKS_MS)
        for (const distribution of DISTRIBUTIONS) {
          pairs.push(await onePair({ pods, soakMs, distribution, seed }));
          tell(`rollout: ${pods} pods, ${distribution}, soak ${soakMs / 60_000} min, seed ${seed}`);
        }
  return pairs;
}

async function onePair(kind: Pick<RolloutPair, 'pods' | 'soakMs' | 'distribution' | 'seed'>): Promise<RolloutPair> {
  const { pods, soakMs, distribution, seed } = kind;
  const lengthsMs = connectionLengths(distribution, pods, seed);
  const wish = { size: SIZE, lengthsMs, soakMs };
  return {
    ...kind,
    bounds: boundsOf(
      lengthsMs.map((lengthMs) => lengthMs + STABLE_FOR_MS + START_MS + soakMs),
      SIZE,
    ),
    window: await oneRollout({ ...wish, way: 'window' }),
    batches: await oneRollout({ ...wish, way: 'batches' }),
  };
}
