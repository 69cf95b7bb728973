import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type Facts, factsOf } from '../../../lib/core/facts/facts.ts';
import { readService } from '../../../lib/core/facts/service-facts.ts';
import { readStatefulSet } from '../../../lib/core/target/stateful-set-facts.ts';
import { givenBack, unevenOf } from '../../../lib/core/weights/given-back.ts';
import { pod, service, statefulSet } from '../../builders.ts';

const ALL = [0, 1, 2, 3];
const set = statefulSet({ replicas: ALL.length });
const pods = ALL.map((ordinal) => pod({ statefulSet: set, ordinal }));
let version = 0;

/** By Service and port: the ordinals at 0. */
type Held = Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>;

/** As they are written at one moment: each Service has another version. */
function factsWith(held: Held): Facts {
  const services = Object.entries(held).map(([name, zeros]) => {
    const groups = Object.entries(zeros).map(([port, podIndexes]) => ({
      key: { proto: 'TCP', port: Number(port) },
      statefulSets: [{ name: 'nginx', weights: podIndexes.length === 0 ? [] : [{ weight: 0, podIndexes }] }],
    }));
    const object = service({
      name,
      selector: { app: 'nginx' },
      ports: Object.keys(zeros).map((port) => ({ name: `p${port}`, port: Number(port) })),
      rsWeight: JSON.stringify({ defaultWeight: 10, groups }),
    });
    version += 1;
    return readService({ ...object, metadata: { ...object.metadata, resourceVersion: String(version) } });
  });
  return factsOf({ set: readStatefulSet(set), services, pods }, { unreadable: 'refuse' });
}

const zeros = fc.subarray(ALL);
const ports = fc.oneof(
  fc.record({ '80': zeros }),
  fc.record({ '80': zeros, '443': zeros }),
  fc.record({ '443': zeros, '8443': zeros }),
);
const held: fc.Arbitrary<Held> = fc.oneof(fc.record({ nginx: ports }), fc.record({ nginx: ports, outer: ports }));
const places = (of: Held) =>
  Object.entries(of).flatMap(([name, each]) =>
    Object.entries(each).map(([port, at]) => ({ place: `${name}/${port}`, at })),
  );

describe('a drain that others have changed', () => {
  it('is uneven where an ordinal is at 0 on some port and not on every one (law)', () => {
    fc.assert(
      fc.property(held, (now) => {
        const all = places(now);
        const expected = ALL.filter(
          (ordinal) => all.some(({ at }) => at.includes(ordinal)) && !all.every(({ at }) => at.includes(ordinal)),
        );
        assert.deepEqual(unevenOf(factsWith(now), ALL), expected);
      }),
    );
  });

  it('was taken back where an ordinal is at 0 nowhere, or has lost the 0 of a port that is still there (law)', () => {
    fc.assert(
      fc.property(held, held, (before, now) => {
        const former = new Map(places(before).map(({ place, at }) => [place, at]));
        const expected = ALL.filter(
          (ordinal) =>
            !places(now).some(({ at }) => at.includes(ordinal)) ||
            places(now).some(({ place, at }) => former.get(place)?.includes(ordinal) === true && !at.includes(ordinal)),
        );
        assert.deepEqual(givenBack(factsWith(before), factsWith(now), ALL), expected);
      }),
    );
  });

  it('was not taken back by a Service or a port that has come since, which makes it uneven', () => {
    const before = factsWith({ nginx: { '80': [0, 1] } });
    for (const now of [{ nginx: { '80': [0, 1], '443': [] } }, { nginx: { '80': [0, 1] }, outer: { '80': [] } }]) {
      assert.deepEqual(givenBack(before, factsWith(now), [0, 1]), []);
      assert.deepEqual(unevenOf(factsWith(now), [0, 1]), [0, 1]);
    }
  });
});
