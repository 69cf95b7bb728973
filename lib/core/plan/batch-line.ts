/** One batch of an upgrade as one line, and how long the rest may take. */

import { ordinalsText } from '../target/ordinals.ts';
import { formatDuration } from '../values/duration.ts';

export interface BatchStory {
  number: number;
  total: number;
  ordinals: readonly number[];
  /** How long the wait for zero took; undefined: this run did not wait for it. */
  zeroMs?: number | undefined;
  /** Pods of the StatefulSet without its surplus. */
  updated: number;
  all: number;
  /** How long each batch took that this run did from its start. */
  tookMs: readonly number[];
}

/** `[2/4] ordinals 4-7: drained · zero after 51s · recreated · healthy   7 of 10 updated, about 3m left`. */
export function batchLine({ number, total, ordinals, zeroMs, updated, all, tookMs }: BatchStory): string {
  const zero = zeroMs === undefined ? [] : [`zero after ${formatDuration(wholeSeconds(zeroMs))}`];
  const parts = ['drained', ...zero, 'recreated', 'healthy'].join(' · ');
  const left = total - number;
  const meanMs = tookMs.reduce((sum, ms) => sum + ms, 0) / tookMs.length;
  const rest = left <= 0 || tookMs.length === 0 ? '' : `, about ${formatDuration(coarse(left * meanMs))} left`;
  return `[${number}/${total}] ${ordinalsText(ordinals)}: ${parts}   ${updated} of ${all} updated${rest}`;
}

const wholeSeconds = (ms: number): number => Math.round(ms / 1000) * 1000;

/** It is not known to the second: in minutes from two of them on. */
const coarse = (ms: number): number =>
  ms >= 120_000 ? Math.round(ms / 60_000) * 60_000 : Math.max(1000, wholeSeconds(ms));
