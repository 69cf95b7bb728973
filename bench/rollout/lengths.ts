/** How long the connections of a drained pod last: three distributions with the same median, drawn from a seed. */

/** The median of every distribution, in milliseconds: that of a gateway's streams. */
export const MEDIAN_MS = 300_000;
/** Of the logarithm: one pod in ten lasts 3.6 times the median, one in a hundred ten times. */
const SIGMA = 1;
/** Pareto's exponent: the mean is three times the least, the variance infinite. */
const ALPHA = 1.5;

export const DISTRIBUTIONS = ['exponential', 'lognormal', 'Pareto'] as const;
export type Distribution = (typeof DISTRIBUTIONS)[number];

/** From the write of weight 0 to the end of the last connection of each pod, in milliseconds; the same seed gives the same lengths. */
export function connectionLengths(distribution: Distribution, pods: number, seed: number): number[] {
  const random = seeded(seed);
  return Array.from({ length: pods }, () => Math.round(MEDIAN_MS * drawOf[distribution](random)));
}

/** Multiples of the median. */
const drawOf: Record<Distribution, (random: () => number) => number> = {
  exponential: (random) => -Math.log(random()) / Math.LN2,
  lognormal: (random) => Math.exp(SIGMA * normal(random)),
  Pareto: (random) => (2 * random()) ** (-1 / ALPHA),
};

/** Box and Muller's. */
const normal = (random: () => number): number => Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());

/** Numbers above 0 and below 1 (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (((mixed ^ (mixed >>> 14)) >>> 0) + 0.5) / 2 ** 32;
  };
}
