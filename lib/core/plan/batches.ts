/** Which ordinals come next: pure choice of batches. */
import { intersection, ordinalSet, without } from '../target/ordinals.ts';

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

/** The part of the batches that comes before a pause, `room` pods from now. Pods that are drained already are replaced in any case. */
export function batchesWithin(
  batches: readonly (readonly number[])[],
  drained: readonly number[],
  room: number,
): readonly number[][] {
  let left = room;
  return batches.flatMap((batch) => {
    const begun = intersection(batch, drained);
    const kept = [...begun, ...without(batch, begun).slice(0, Math.max(0, left - begun.length))];
    left -= kept.length;
    return kept.length === 0 ? [] : [kept];
  });
}
