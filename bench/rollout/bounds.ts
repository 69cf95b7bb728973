/** The time that no operator can beat, given each pod's own time. */

export interface Bounds {
  /** The sum of all own times over the size of the window, or the longest one, whichever is more. */
  windowMs: number;
  /** The sum over the batches of the slowest pod of each. */
  batchesMs: number;
  /** An operator without any delay who gives each free place to the next ordinal: it has a closing tail as well. */
  idealMs: number;
}

/** `ownMs`: by ordinal, from weight 0 to the end of the soak. */
export function boundsOf(ownMs: readonly number[], size: number): Bounds {
  const sum = (all: readonly number[]): number => all.reduce((total, each) => total + each, 0);
  const batches = Array.from({ length: Math.ceil(ownMs.length / size) }, (_, index) =>
    ownMs.slice(index * size, (index + 1) * size),
  );
  return {
    windowMs: Math.max(sum(ownMs) / size, ...ownMs),
    batchesMs: sum(batches.map((batch) => Math.max(...batch))),
    idealMs: greedyMs(ownMs, size),
  };
}

function greedyMs(ownMs: readonly number[], size: number): number {
  const freeAtMs = new Array<number>(size).fill(0);
  for (const each of ownMs) {
    const earliest = freeAtMs.indexOf(Math.min(...freeAtMs));
    freeAtMs[earliest] = (freeAtMs[earliest] ?? 0) + each;
  }
  return Math.max(...freeAtMs);
}
