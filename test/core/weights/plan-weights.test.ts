import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type Facts, factsOf } from '../../../lib/core/facts/facts.ts';
import { ownAnnotations, readService } from '../../../lib/core/facts/service-facts.ts';
import { intersection, union, without } from '../../../lib/core/target/ordinals.ts';
import { readStatefulSet } from '../../../lib/core/target/stateful-set-facts.ts';
import { wantedWeight, zerosOn } from '../../../lib/core/weights/drain-set.ts';
import {
  changes,
  planAdvance,
  planDrain,
  planHold,
  planRaise,
  planRelease,
  planReturn,
  planWholeRelease,
  type WeightChange,
} from '../../../lib/core/weights/plan-weights.ts';
import {
  type PortKey,
  RS_WEIGHT_ANNOTATION,
  type RsWeight,
  readRsWeight,
} from '../../../lib/core/weights/rs-weight.ts';
import { podsOf, service, statefulSet } from '../../builders.ts';
import { document, TCP80, TCP8080, UDP80 } from './documents.ts';

/** The annotations of the Services `a`, `b` and `c`, all before the pods of nginx. */
type Cluster = Readonly<Record<string, Readonly<Record<string, string>>>>;

const PORTS: Readonly<Record<string, readonly PortKey[]>> = { a: [TCP80], b: [TCP80, TCP8080], c: [UDP80] };
const OWNER = statefulSet({ replicas: 13 });
const PODS = podsOf(OWNER);
const SET = readStatefulSet(OWNER);
const OWN = Object.values(ownAnnotations('nginx'));
const EVERY = Array.from({ length: 14 }, (_, ordinal) => ordinal);

const see = (cluster: Cluster): Facts =>
  factsOf(
    {
      set: SET,
      pods: PODS,
      services: Object.entries(cluster).map(([name, annotations]) => {
        const ports = (PORTS[name] ?? []).map(({ proto, port }) => ({ protocol: proto as 'TCP' | 'UDP', port }));
        return readService(service({ name, ports, selector: { app: 'nginx' }, annotations: { ...annotations } }));
      }),
    },
    { unreadable: 'refuse' },
  );

/** The cluster after the patches, as a merge patch leaves it. */
function write(cluster: Cluster, plan: readonly WeightChange[]): Cluster {
  const after = { ...cluster };
  for (const { service: name, annotations } of plan) {
    const merged = Object.entries({ ...after[name], ...annotations });
    after[name] = Object.fromEntries(merged.filter((entry): entry is [string, string] => entry[1] !== null));
  }
  return after;
}

type Step = (cluster: Cluster) => Cluster;
const planned =
  (plan: (facts: Facts) => readonly WeightChange[]): Step =>
  (cluster) =>
    write(cluster, plan(see(cluster)));
const drain = (ordinals: readonly number[]) => planned((facts) => planDrain(facts, union(facts.drainSet, ordinals)));
const advance = (ordinals: readonly number[]) =>
  planned((facts) => planAdvance(facts, { back: without([...facts.canaries.keys()], ordinals), zeros: ordinals }));
const raise = (ordinals: readonly number[], weight: number) =>
  planned((facts) => planRaise(facts, ordinals, weight, []));
const release = (ordinals: readonly number[]) => planned((facts) => planRelease(facts, ordinals));
const releaseAll = planned(planWholeRelease);

const documentOf = (cluster: Cluster, name: string): RsWeight | undefined => {
  const text = cluster[name]?.[RS_WEIGHT_ANNOTATION];
  return text === undefined ? undefined : readRsWeight(text);
};
/** Every Service with each of its ports. */
const places = Object.entries(PORTS).flatMap(([name, keys]) => keys.map((key) => ({ name, key })));
const weightsOf = (cluster: Cluster, set: string, ordinals: readonly number[] = EVERY): number[] =>
  places.flatMap(({ name, key }) => ordinals.map((each) => wantedWeight(documentOf(cluster, name), key, set, each)));

/** Before the first drain: any annotation, or none, beside annotations of others. */
const untouched: fc.Arbitrary<Cluster> = fc
  .tuple(...Object.keys(PORTS).map((name) => fc.tuple(fc.constant(name), fc.option(document))))
  .map((services) =>
    Object.fromEntries(
      services.map(([name, value]) => [
        name,
        { owner: 'team-a', ...(value === null ? {} : { [RS_WEIGHT_ANNOTATION]: JSON.stringify(value) }) },
      ]),
    ),
  );
/** Nor is anything drained by hand, not even on a port that the Service does not have. */
const undrained = untouched.filter((cluster) =>
  see(cluster).services.every(({ current, keys }) =>
    keys.every((key) => zerosOn(current?.document, key, 'nginx').length === 0),
  ),
);
const ordinals = fc.uniqueArray(fc.integer({ min: 0, max: 12 }), { maxLength: 6 });
const step: fc.Arbitrary<Step> = fc.oneof(
  ordinals.map(drain),
  ordinals.map(advance),
  ordinals.map(release),
  fc.tuple(ordinals, fc.constantFrom(1, 3, 7)).map(([some, weight]) => raise(some, weight)),
);
const road = fc.array(step, { maxLength: 5 });
const walk = (cluster: Cluster, steps: readonly Step[]): Cluster => steps.reduce((at, next) => next(at), cluster);

describe('laws of the plan of the weight annotations', () => {
  it('a second drain of the same pods plans nothing', () => {
    fc.assert(
      fc.property(untouched, road, ordinals, (before, steps, some) => {
        const facts = see(drain(some)(walk(before, steps)));
        assert.deepEqual(changes(planDrain(facts, union(facts.drainSet, some))), []);
      }),
    );
  });

  it('drain(A) then drain(B) is drain(A and B), with its bookkeeping', () => {
    fc.assert(
      fc.property(untouched, ordinals, ordinals, (before, a, b) => {
        assert.deepEqual(drain(b)(drain(a)(before)), drain(union(a, b))(before));
      }),
    );
  });

  it('a drain leaves exactly the drain set at 0 on every Service and port, and every other weight as it was', () => {
    fc.assert(
      fc.property(untouched, ordinals, (before, some) => {
        const wanted = union(see(before).drainSet, some);
        const after = drain(some)(before);
        const facts = see(after);
        assert.deepEqual([facts.drainSet, facts.atZero, facts.consistent], [wanted, wanted, true]);
        const others = without(EVERY, wanted);
        assert.deepEqual(weightsOf(after, 'nginx', others), weightsOf(before, 'nginx', others));
      }),
    );
  });

  it('restore(drain(x)) is x, byte for byte and without bookkeeping', () => {
    fc.assert(
      fc.property(untouched, ordinals, (before, some) => {
        assert.deepEqual(releaseAll(drain(some)(before)), before);
      }),
    );
  });

  it('every road of drains, advances, canaries and releases ends where it began, byte for byte', () => {
    fc.assert(
      fc.property(undrained, road, (before, steps) => {
        assert.deepEqual(releaseAll(walk(before, steps)), before);
      }),
    );
  });

  it('restore gives back in meaning what others have edited around, and keeps their edits', () => {
    const edit = (cluster: Cluster): Cluster =>
      write(
        cluster,
        Object.keys(cluster).flatMap((name) => {
          const value = documentOf(cluster, name);
          if (value === undefined) return [];
          const theirs = { key: { proto: 'TCP', port: 9 }, statefulSets: [{ name: 'other', weights: [] }] };
          const edited = { ...value, theirs: 1, groups: [theirs, ...(value.groups ?? [])] };
          const annotations = { [RS_WEIGHT_ANNOTATION]: JSON.stringify(edited) };
          return [{ service: name, resourceVersion: '', annotations, held: [] }];
        }),
      );
    fc.assert(
      fc.property(undrained, ordinals, (before, some) => {
        const edited = edit(drain(some)(before));
        const after = releaseAll(edited);
        assert.deepEqual(weightsOf(after, 'nginx'), weightsOf(before, 'nginx'));
        for (const name of Object.keys(edited).filter((each) => documentOf(edited, each) !== undefined)) {
          assert.equal(documentOf(after, name)?.['theirs'], 1);
          assert.equal(documentOf(after, name)?.groups?.[0]?.key.port, 9);
        }
      }),
    );
  });

  it('a release drains no pod: at 0 are those before, but for those that were released', () => {
    fc.assert(
      fc.property(untouched, road, ordinals, (before, steps, some) => {
        const held = walk(before, steps);
        const after = release(some)(held);
        for (const { name, key } of places) {
          const at = (cluster: Cluster) => zerosOn(documentOf(cluster, name), key, 'nginx');
          assert.deepEqual(at(after), without(at(held), some));
          const whole = zerosOn(documentOf(releaseAll(held), name), key, 'nginx');
          assert.deepEqual(intersection(whole, at(held)), whole);
        }
      }),
    );
  });

  it('ordinals that are held at 0 for pods to come leave every other ordinal as it is, on every port', () => {
    fc.assert(
      fc.property(untouched, road, ordinals, (before, steps, some) => {
        const held = walk(before, steps);
        const after = planned((facts) => planHold(facts, some))(held);
        for (const { name, key } of places) {
          const at = (cluster: Cluster) => zerosOn(documentOf(cluster, name), key, 'nginx');
          assert.deepEqual(at(after), union(at(held), some));
        }
        const others = without(EVERY, some);
        assert.deepEqual(weightsOf(after, 'nginx', others), weightsOf(held, 'nginx', others));
      }),
    );
  });

  it('ordinals that stay as they are come to 0 on no further Service or port', () => {
    fc.assert(
      fc.property(untouched, road, ordinals, (before, steps, some) => {
        const held = walk(before, steps);
        const after = planned((facts) => planAdvance(facts, { back: [], zeros: some, asItIs: some }))(held);
        for (const { name, key } of places) {
          const at = (cluster: Cluster) => zerosOn(documentOf(cluster, name), key, 'nginx');
          assert.deepEqual(without(at(after), at(held)), []);
          assert.deepEqual(intersection(some, at(held)), intersection(some, at(after)));
        }
      }),
    );
  });

  it('zeros by hand stay when pods are returned: a drain and a return of every pod is no change', () => {
    fc.assert(
      fc.property(untouched, ordinals, (before, some) => {
        const after = planned((facts) => planReturn(facts, EVERY))(drain(some)(before));
        assert.deepEqual(after, before);
        assert.deepEqual(see(before).byHand, see(before).drainSet);
      }),
    );
  });

  it('weights of other StatefulSets and annotations of others survive every road', () => {
    fc.assert(
      fc.property(untouched, road, (before, steps) => {
        const after = walk(before, steps);
        for (const set of ['other', 'third']) assert.deepEqual(weightsOf(after, set), weightsOf(before, set));
        for (const [name, annotations] of Object.entries(after)) {
          const ours = [RS_WEIGHT_ANNOTATION, ...OWN];
          assert.deepEqual(
            Object.keys(annotations).filter((key) => !ours.includes(key)),
            ['owner'],
          );
          const unknown = Object.entries(documentOf(before, name) ?? {}).filter(([key]) => key !== 'groups');
          for (const [key, value] of unknown) assert.deepEqual(documentOf(after, name)?.[key], value);
        }
      }),
    );
  });

  it('a canary holds its weight on every Service and port, and is not at 0', () => {
    fc.assert(
      fc.property(untouched, ordinals, fc.constantFrom(1, 3, 7), (before, some, weight) => {
        const after = raise(some, weight)(drain(some)(before));
        assert.ok(weightsOf(after, 'nginx', some).every((each) => each === weight));
        assert.deepEqual(intersection(see(after).drainSet, some), []);
        assert.deepEqual([...see(after).canaries.keys()].sort(), [...some].sort());
      }),
    );
  });
});

describe('an annotation of others', () => {
  const of = (value: object): Cluster => ({ a: { [RS_WEIGHT_ANNOTATION]: JSON.stringify(value) } });

  it('that names no pod is not removed by a restore that has nothing to give back', () => {
    assert.deepEqual(changes(planWholeRelease(see(of({ defaultWeight: 10, groups: [] })))), []);
    assert.deepEqual(changes(planRelease(see(of({ defaultWeight: 10, groups: [] })), [0])), []);
  });

  it('keeps an entry that was empty before, at every later drain', () => {
    const empty = { key: TCP8080, statefulSets: [{ name: 'nginx', weights: [] }] };
    const byHand = { key: TCP80, statefulSets: [{ name: 'nginx', weights: [{ weight: 0, podIndexes: [1] }] }] };
    const drained = advance([5])(of({ defaultWeight: 10, groups: [empty, byHand] }));
    assert.deepEqual(documentOf(drained, 'a')?.groups?.[0], empty);
    assert.deepEqual(changes(planDrain(see(drained), [5])), []);
    assert.deepEqual(documentOf(drain([6])(drained), 'a')?.groups?.[0], empty);
  });
});

describe('the proof of wait-zero', () => {
  it('goes with every write of a weight, whichever pod it concerns, while the moments of other pods stay', () => {
    const key = ownAnnotations('nginx').zeroSeen;
    const fieldsV1 = { 'f:metadata': { 'f:annotations': { [`f:${RS_WEIGHT_ANNOTATION}`]: {} } } };
    const uid = PODS[0]?.metadata.uid ?? '';
    const pods = { [uid]: '2026-01-01T00:00:00.000Z' };
    const weights = {
      defaultWeight: 10,
      groups: [{ key: TCP80, statefulSets: [{ name: 'nginx', weights: [{ weight: 0, podIndexes: [0, 1] }] }] }],
    };
    const object = service({
      name: 'a',
      rsWeight: JSON.stringify(weights),
      selector: { app: 'nginx' },
      annotations: { [key]: JSON.stringify({ format: 1, pods, writers: [], proof: { format: 1 } }) },
      merge: { metadata: { managedFields: [{ manager: 'kubectl-zeroloss', fieldsV1 }] } },
    });
    const facts = factsOf({ set: SET, pods: PODS, services: [readService(object)] }, { unreadable: 'refuse' });
    for (const plan of [
      planDrain(facts, [0, 1, 2]),
      planAdvance(facts, { back: [], zeros: [0] }),
      planRelease(facts, [1]),
      planRaise(facts, [1], 5, []),
    ]) {
      const text = plan[0]?.annotations[key];
      assert.deepEqual(JSON.parse(text ?? 'null'), { format: 1, pods, writers: [] });
    }
  });
});
