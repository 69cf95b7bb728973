/** Which ordinals come next: pure choice of batches. */
import { ordinalSet } from '../target/ordinals.ts';

/** The next `size` outdated ordinals, lowest first. */
export function nextBatch(outdated: readonly number[], size: number): number[] {
  return ordinalSet(outdated).slice(0, Math.max(0, size));
}

/** All batches of the given size, in order, for a plan. */
export function batchesOf(ordinals: readonly number[], size: number): number[][] {
  const sorted = ordinalSet(ordinals);
  const count = size < 1 ? 0 : Math.ceil(sorted.length / size);
  return Array.from({ length: count }, (_, index) => sorted.slice(index * size, (index + 1) * size));
}
