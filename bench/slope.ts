/** How a quantity grows with a size. */

export interface At {
  size: number;
  value: number;
}

/**
 * The exponent between each size and the next: 0 does not grow, 1 grows as the size does, 2 with its square. Small sizes
 * show less than there is, because a fixed cost hides it. Throws unless sizes rise and values are above 0.
 */
export function slopes(points: readonly At[]): number[] {
  return points.slice(1).map(({ size, value }, index) => {
    const before = points[index] ?? { size, value };
    if (size <= before.size || value <= 0 || before.value <= 0) throw new Error('sizes must rise, values be above 0');
    return Math.log(value / before.value) / Math.log(size / before.size);
  });
}
