/** The bounds of many rollouts as a table: they are computed from the pods' own times alone, so that they cost nothing. */

import { median } from '../measure.ts';
import { boundsOf } from './bounds.ts';
import { DISTRIBUTIONS, type Distribution } from './lengths.ts';
import { ownTimesMs, SIZE } from './one-rollout.ts';

const SOAKS_MS = [0, 600_000];

/** Minutes, medians over the seeds 1 to `seeds`; of the ratio between an operator without any delay by the two ways the least one too. */
export function boundRows(sizes: readonly number[], seeds: number): string[][] {
  const rows = sizes.flatMap((pods) =>
    SOAKS_MS.flatMap((soakMs) => DISTRIBUTIONS.map((distribution) => boundRow(pods, soakMs, distribution, seeds))),
  );
  return [
    [`bounds, ${SIZE} out, not measured`, 'seeds', 'window min', 'tail', 'batches min', 'ratio', 'least'],
    ...rows,
  ];
}

function boundRow(pods: number, soakMs: number, distribution: Distribution, seeds: number): string[] {
  const all = Array.from({ length: seeds }, (_, index) =>
    boundsOf(ownTimesMs({ distribution, pods, seed: index + 1, soakMs }), SIZE),
  );
  const minutes = (values: readonly number[]): string => (median(values) / 60_000).toFixed(1);
  const ratios = all.map(({ batchesMs, idealMs }) => batchesMs / idealMs);
  return [
    `${pods} pods, soak ${soakMs / 60_000} min, ${distribution}`,
    String(seeds),
    minutes(all.map(({ windowMs }) => windowMs)),
    minutes(all.map(({ idealMs, windowMs }) => idealMs - windowMs)),
    minutes(all.map(({ batchesMs }) => batchesMs)),
    median(ratios).toFixed(2),
    Math.min(...ratios).toFixed(2),
  ];
}
