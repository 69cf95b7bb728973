/** Finds the most similar known word, for "did you mean" in error messages. */

/** Edits (insert, delete, replace, swap two neighbours) that turn `a` into `b`: optimal string alignment. */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      current[column] = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
        swapped ? (beforeLast[column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    beforeLast = last;
    last = current;
  }
  return last[b.length] ?? 0;
}

/** The nearest of `known` to `word`, or undefined when none is near: at most a third of the word (and never under 1) may differ. */
export function suggest(word: string, known: Iterable<string>): string | undefined {
  const limit = Math.max(1, Math.floor(word.length / 3));
  let best: { word: string; distance: number } | undefined;
  for (const candidate of known) {
    const begins = word.length >= 3 && candidate.startsWith(word);
    const distance = begins ? 0.5 : editDistance(word, candidate);
    if (distance > limit || distance >= candidate.length) continue;
    if (best === undefined || distance < best.distance) best = { word: candidate, distance };
  }
  return best?.word;
}

/** `; did you mean "drain"?`, or nothing. */
export function didYouMean(word: string, known: Iterable<string>, prefix = ''): string {
  const best = suggest(word, known);
  return best === undefined ? '' : `; did you mean ${JSON.stringify(prefix + best)}?`;
}
