/** The formats of the bookkeeping on a Service: one that this version does not know is neither believed, nor erased, nor written over. */

import type { Refusal } from '../errors.ts';
import { BOOKKEEPING_FORMAT, formatWithin, readsFormat } from '../values/bookkeeping-format.ts';
import { kubectl } from '../values/command.ts';
import { bookkeptSets, ownAnnotations, type ServiceFacts } from './service-facts.ts';

/**
 * Refuses where another version keeps bookkeeping on the Service that this one cannot read. That of advance is left out: it
 * does without. Moments of zero of other StatefulSets are: a write of the shared annotation could make void ones hold again.
 */
export function formatRefusals({ name, annotations }: ServiceFacts, statefulSet: string): Refusal[] {
  const own = ownAnnotations(statefulSet);
  const others = bookkeptSets({ annotations })
    .filter((each) => each !== statefulSet)
    .map((each) => ownAnnotations(each).zeroSeen);
  const numbers: [key: string, format: unknown][] = [
    [own.format, annotations[own.format]],
    ...[own.canary, own.zeroSeen, own.blank, ...others].map((key): [string, unknown] => [
      key,
      formatWithin(annotations[key]),
    ]),
  ];
  return numbers
    .filter(([, format]) => !readsFormat(format))
    .map(([key, format]) => {
      const forgotten = key === own.format ? [own.former, own.format] : [key];
      return {
        rule: 'record-format',
        message: `service/${name} holds bookkeeping of format ${format} (annotation ${key}), and this version reads format ${BOOKKEEPING_FORMAT}: it is not trusted and not erased`,
        cure: kubectl(
          'annotate',
          'service',
          name,
          ...forgotten.filter((each) => annotations[each] !== undefined).map((each) => `${each}-`),
        ).note('forgets it; weights stay as they are. The version that wrote it can still finish what it began'),
      };
    });
}
