/** Weight annotations for property tests. */

import fc from 'fast-check';
import type { RsWeight } from '../../../lib/core/weights/rs-weight.ts';

export const TCP80 = { proto: 'TCP', port: 80 };
export const TCP8080 = { proto: 'TCP', port: 8080 };
export const UDP80 = { proto: 'UDP', port: 80 };

const weightEntries = fc
  .uniqueArray(fc.integer({ min: 0, max: 12 }), { maxLength: 8 })
  .chain((ordinals) =>
    fc.tuple(
      fc.constant(ordinals),
      fc.array(fc.constantFrom(0, 1, 5, 10, 100), { minLength: ordinals.length, maxLength: ordinals.length }),
    ),
  )
  .map(([ordinals, weights]) => ordinals.map((ordinal, index) => ({ weight: weights[index]!, podIndexes: [ordinal] })))
  .chain((entries) =>
    // As people leave them when they take the last ordinal out.
    fc
      .array(fc.constantFrom(0, 5), { maxLength: 1 })
      .map((weights) => [...entries, ...weights.map((weight) => ({ weight, podIndexes: [] as number[] }))]),
  );

const foreign = fc.dictionary(
  fc.stringMatching(/^[a-z]{1,6}$/).filter((key) => !['key', 'name', 'weights', 'groups'].includes(key)),
  fc.jsonValue(),
  { maxKeys: 2 },
);

const statefulSets = fc.uniqueArray(
  fc.record({ name: fc.constantFrom('nginx', 'other', 'third'), weights: weightEntries }),
  {
    selector: (entry) => entry.name,
    maxLength: 3,
  },
);

/** Any weight annotation: of up to three StatefulSets on up to three ports, with fields that we do not know. */
export const document: fc.Arbitrary<RsWeight> = fc
  .tuple(
    foreign,
    fc.constantFrom(1, 10, 50),
    fc.uniqueArray(fc.record({ key: fc.constantFrom(TCP80, TCP8080, UDP80), statefulSets }), {
      selector: (group) => JSON.stringify(group.key),
      maxLength: 3,
    }),
  )
  .map(([rest, defaultWeight, groups]) => ({ ...rest, defaultWeight, groups }) as RsWeight);
