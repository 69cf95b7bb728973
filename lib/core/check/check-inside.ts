/** Clients inside the cluster, which no weight stops: the Services that lead them to the pods, and whether a source counts them. */

import type { Facts } from '../facts/facts.ts';
import { insideLines, ownAddressLines, uncountedRule } from '../safety/inside-rule.ts';
import type { CountedBackend } from '../zero/connection-series.ts';
import { type SourceAnswer, uncountedBecause, uncountedInside } from '../zero/countable.ts';
import { type Finding, graded, ok, warn } from './findings.ts';

/** The verdict of the sources on the ports of one pod; undefined: they could not be asked. */
interface Asked {
  answers: readonly SourceAnswer[];
  inside: readonly CountedBackend[];
}

/** A WARN for each Service that leads there, and a FAIL for each of its ports that no source counts. */
export function insideFindings({ inside, services, set }: Facts, asked: Asked | undefined): Finding[] {
  if (!inside.known) {
    const because = `which other Services lead clients inside the cluster to the same pods is unknown: ${inside.because}`;
    return [warn('services', 'inside-service', because)];
  }
  const answers = asked?.answers ?? [];
  const uncounted = asked === undefined ? [] : uncountedInside(answers, asked.inside);
  const counts = answers.filter((each) => each.inside !== undefined && each.answer.some(({ countable }) => countable));
  const by =
    counts.length === 0 ? '' : `; source ${counts.map(({ name }) => name).join(', ')} counts their connections`;
  const isCounted = asked !== undefined && asked.inside.length > 0 && uncounted.length === 0;
  const warnings = insideLines(inside.value).map((line) =>
    warn('services', 'inside-service', `${line}${isCounted ? by : ''}`),
  );
  const own = counts.length > 0 ? [] : ownAddressLines(services.map(({ service }) => service));
  return [
    ...(warnings.length > 0 ? warnings : [ok('services', 'inside-service', 'no other Service leads to the pods')]),
    ...own.map((line) => warn('services', 'inside-service', line)),
    ...graded('counting', uncountedRule(uncounted, set.name, uncountedBecause(answers))),
  ];
}
