/** Which sources can count connections here: the rule that wait-zero and recreate refuse on, and what each source says. */
import type { CountedBackend } from '../zero/connection-series.ts';
import { choiceOf, countableRefusals, type SourceAnswer } from '../zero/countable.ts';
import { type Finding, graded, ok, warn } from './findings.ts';

/**
 * A WARN where one cannot: the wait for zero then rests on fewer witnesses. A source that only lacks its flag (--metric) is no
 * finding. `backends` empty: there is none yet that a source could prove itself on.
 */
export function countingFindings(answers: readonly SourceAnswer[], backends: readonly CountedBackend[]): Finding[] {
  if (backends.length === 0) {
    const message =
      'whether connections can be counted is unknown: no pod is bound that a source could prove itself on';
    return [warn('counting', 'countable', message)];
  }
  const choices = answers.filter(({ answer }) => !answer.every(({ unasked }) => unasked === true)).map(choiceOf);
  return [
    ...graded('counting', countableRefusals(answers, backends)),
    ...choices.map(({ name, counts, because }) =>
      counts
        ? ok('counting', `source-${name}`, `${name}: ${because}`)
        : warn('counting', `source-${name}`, `source ${name} cannot count here: ${because}`),
    ),
  ];
}
