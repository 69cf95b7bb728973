import { normaliser } from './normalise.ts';
import type { Exchange } from './recorder.ts';
import { TOLERATED } from './tolerated.ts';

/** One case's exchanges as they are compared: normalised, and without what is tolerated. */
export function comparable(exchanges: readonly Exchange[]): unknown {
  const normalise = normaliser();
  return exchanges.map(({ ask, answer }) => ({ ask, answer: without(normalise(answer), '') }));
}

function without(value: unknown, path: string): unknown {
  if (Array.isArray(value)) return value.map((each, index) => without(each, `${path}.${index}`));
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value)
    .map(([name, each]) => [name, `${path}.${name}`, each] as const)
    .filter(([, inner]) => !TOLERATED.some((tolerated) => tolerated.path.test(inner)));
  return Object.fromEntries(kept.map(([name, inner, each]) => [name, without(each, inner)]));
}
