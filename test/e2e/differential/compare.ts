import { normaliser } from './normalise.ts';
import type { Exchange } from './recorder.ts';
import { type Difference, TOLERATED } from './tolerated.ts';

/** Everything that differs between two recordings of one case, but for what is tolerated of a real server of 1.`minor`. */
export function differencesOf(sandbox: readonly Exchange[], real: readonly Exchange[], minor: number): Difference[] {
  const tolerated = TOLERATED.filter(({ since }) => since === undefined || since <= minor);
  const [ours, theirs] = [sandbox, real].map((exchanges) => {
    const normalise = normaliser();
    return exchanges.map(({ ask, answer }) => ({ ask, answer: normalise(answer) }));
  });
  return Array.from({ length: Math.max(sandbox.length, real.length) }, (_, index) => {
    const ask = sandbox[index]?.ask ?? real[index]?.ask ?? '';
    return compare(ours?.[index]?.answer, theirs?.[index]?.answer, '')
      .map((difference) => ({ ask, ...difference }))
      .filter((difference) => !tolerated.some((each) => each.covers(difference)));
  }).flat();
}

type Place = Omit<Difference, 'ask'>;

function compare(sandbox: unknown, real: unknown, path: string): Place[] {
  if (Array.isArray(sandbox) && Array.isArray(real) && sandbox.length === real.length)
    return sandbox.flatMap((each, index) => compare(each, real[index], `${path}.${index}`));
  if (isRecord(sandbox) && isRecord(real)) {
    const names = new Set([...Object.keys(sandbox), ...Object.keys(real)]);
    return [...names].flatMap((name) => compare(sandbox[name], real[name], `${path}.${name}`));
  }
  return JSON.stringify(sandbox) === JSON.stringify(real) ? [] : [{ path, sandbox, real }];
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
