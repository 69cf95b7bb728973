/** Which sources can count connections here. */
import { type Finding, ok, warn } from '../findings.ts';

export interface SourceAnswer {
  name: string;
  counts: boolean;
  because: string;
}

/** A WARN where one cannot: the wait for zero then rests on fewer witnesses. A source that only wants its flag (`--metric names none`) is not meant. */
export function countingFindings(sources: readonly SourceAnswer[], target: string): Finding[] {
  const asked = sources.filter(({ because }) => !because.startsWith('--'));
  const able = sources.filter(({ counts }) => counts);
  const findings = asked.map(({ name, counts, because }) =>
    counts
      ? ok('counting', `source-${name}`, `${name}: ${because}`)
      : warn('counting', `source-${name}`, `source ${name} cannot count here: ${because}`),
  );
  if (able.length > 0) return findings;
  const message = `no source can count connections: wait-zero ${target} and recreate will be refused`;
  return [{ group: 'counting', rule: 'countable', level: 'FAIL', message }, ...findings];
}
