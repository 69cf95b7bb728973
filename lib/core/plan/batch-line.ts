/** One batch of an upgrade as one line, and how long the rest may take. */

import { formatOrdinals, intersection, ordinalsText, without } from '../target/ordinals.ts';
import { formatDuration } from '../values/duration.ts';

export interface BatchStory {
  number: number;
  total: number;
  ordinals: readonly number[];
  /** Those that this run drained itself, and those that it found drained. */
  drained: readonly number[];
  found: readonly number[];
  /** Those that this run deleted and saw come back. The others only got their weight back. */
  recreated: readonly number[];
  /** How long the wait for zero took; undefined: this run did not wait for it. */
  zeroMs?: number | undefined;
  /** Pods of the StatefulSet without its surplus. */
  updated: number;
  all: number;
  /** `done` where pods leave a node: they are due whatever their revision. */
  word: 'updated' | 'done';
  /** How long each batch took that this run did from its start. */
  tookMs: readonly number[];
}

/**
 * `[2/4] ordinals 4-7: drained · zero after 51s · recreated · healthy   7 of 10 updated, about 3m left`. It names what this run
 * saw happen, and the ordinals wherever it did not happen to all of them.
 */
export function batchLine(story: BatchStory): string {
  const { number, total, ordinals, drained, found, recreated, zeroMs, updated, all, word, tookMs } = story;
  const part = (word: string, those: readonly number[], to = ' '): string[] => {
    const ones = intersection(those, ordinals);
    return ones.length === 0 ? [] : [ones.length === ordinals.length ? word : `${word}${to}${formatOrdinals(ones)}`];
  };
  const parts = [
    ...part('drained', drained),
    ...part('found drained', without(found, drained)),
    ...(zeroMs === undefined ? [] : [`zero after ${formatDuration(wholeSeconds(zeroMs))}`]),
    ...part('recreated', recreated),
    ...part('weight given back', without(ordinals, recreated), ' to '),
    'healthy',
  ].join(' · ');
  const left = total - number;
  const meanMs = tookMs.reduce((sum, ms) => sum + ms, 0) / tookMs.length;
  const rest = left <= 0 || tookMs.length === 0 ? '' : `, about ${formatDuration(coarse(left * meanMs))} left`;
  return `[${number}/${total}] ${ordinalsText(ordinals)}: ${parts}   ${updated} of ${all} ${word}${rest}`;
}

const wholeSeconds = (ms: number): number => Math.round(ms / 1000) * 1000;

/** It is not known to the second: in minutes from two of them on. */
const coarse = (ms: number): number =>
  ms >= 120_000 ? Math.round(ms / 60_000) * 60_000 : Math.max(1000, wholeSeconds(ms));
