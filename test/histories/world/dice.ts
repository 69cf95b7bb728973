/** Chance, drawn from a seed by label: what is left out of a history moves no other draw. */

export class Dice {
  readonly #seed: number;
  readonly #rolled = new Map<string, number>();

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** 0 up to 1; the next one of this label. */
  roll(label: string): number {
    const nth = this.#rolled.get(label) ?? 0;
    this.#rolled.set(label, nth + 1);
    return hashed(this.#seed, label, nth);
  }

  between(label: string, least: number, most: number): number {
    return least + (most - least) * this.roll(label);
  }

  /** Heavy-tailed: most are short, some are very long (Pareto, cut at `most`). */
  heavyTailed(label: string, least: number, most: number, alpha = 1.1): number {
    return Math.min(most, least / (1 - this.roll(label)) ** (1 / alpha));
  }
}

/** FNV-1a over the text, and a finaliser that spreads it (murmur3). */
function hashed(seed: number, label: string, nth: number): number {
  let hash = 2166136261 ^ seed;
  for (let at = 0; at < label.length; at += 1) hash = Math.imul(hash ^ label.charCodeAt(at), 16777619);
  hash = Math.imul(hash ^ nth, 2246822507);
  hash = Math.imul(hash ^ (hash >>> 13), 3266489909);
  hash ^= hash >>> 16;
  hash = Math.imul(hash ^ (hash >>> 15), 2246822507);
  return ((hash ^ (hash >>> 13)) >>> 0) / 2 ** 32;
}
