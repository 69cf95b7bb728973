import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { intersection, ordinalSet, union, without } from '../../../lib/core/target/ordinals.ts';
import { annotationText } from '../../../lib/core/weights/annotation-text.ts';
import { wantedWeight, withZeros, type Zeros, zerosOn } from '../../../lib/core/weights/drain-set.ts';
import { parseRsWeight } from '../../../lib/core/weights/rs-weight.ts';
import { sameMeaning } from '../../../lib/core/weights/rs-weight-meaning.ts';
import { document, TCP80, TCP8080 } from './documents.ts';

const stateOf = (text: string | null) => (text === null ? undefined : { text, document: parseRsWeight(text, 'nginx') });

/** One drain (or restore) step on one StatefulSet, as the flows do it. */
function step(
  text: string | null,
  former: string | null | undefined,
  drainSet: number[],
  keys = [TCP80],
  statefulSet = 'nginx',
): string | null {
  return annotationText({
    current: stateOf(text),
    former: former === undefined ? undefined : (stateOf(former) ?? null),
    keys,
    statefulSet,
    zeros: () => drainSet,
  });
}

describe('the guide’s own annotation texts come out byte for byte', () => {
  it('for one port and ordinal 0', () => {
    assert.equal(
      step(null, undefined, [0]),
      '{"defaultWeight":10,"groups":[{"key":{"proto":"TCP","port":80},"statefulSets":[{"name":"nginx","weights":[{"weight":0,"podIndexes":[0]}]}]}]}',
    );
  });
  it('for two ports', () => {
    assert.equal(
      step(null, undefined, [0], [TCP80, TCP8080]),
      '{"defaultWeight":10,"groups":[{"key":{"proto":"TCP","port":80},"statefulSets":[{"name":"nginx","weights":[{"weight":0,"podIndexes":[0]}]}]},{"key":{"proto":"TCP","port":8080},"statefulSets":[{"name":"nginx","weights":[{"weight":0,"podIndexes":[0]}]}]}]}',
    );
  });
  it('for a batch of four', () => {
    assert.equal(
      step(null, undefined, [0, 1, 2, 3]),
      '{"defaultWeight":10,"groups":[{"key":{"proto":"TCP","port":80},"statefulSets":[{"name":"nginx","weights":[{"weight":0,"podIndexes":[0,1,2,3]}]}]}]}',
    );
  });
  it('for moving on from 0 to 1', () => {
    const first = step(null, undefined, [0]);
    assert.equal(
      step(first, null, [1]),
      '{"defaultWeight":10,"groups":[{"key":{"proto":"TCP","port":80},"statefulSets":[{"name":"nginx","weights":[{"weight":0,"podIndexes":[1]}]}]}]}',
    );
  });
  it('and the end is no annotation at all', () => {
    assert.equal(step(step(null, undefined, [9]), null, []), null);
  });
});

describe('a drain made by hand', () => {
  const byHand =
    '{"defaultWeight":10,"groups":[{"key":{"proto":"TCP","port":80},"statefulSets":[{"name":"nginx","weights":[{"weight":0,"podIndexes":[0]}]}]}]}';
  it('is gone after its ordinal is given back, although it was there before our first write', () => {
    const moved = step(byHand, byHand, [1]);
    assert.deepEqual(zerosOn(parseRsWeight(moved ?? '', 'nginx'), TCP80, 'nginx'), [1]);
    assert.equal(step(moved, byHand, []), null);
  });
  it('comes back exactly when we only drained something beside it', () => {
    assert.equal(step(step(byHand, byHand, [0, 3]), byHand, [0]), byHand);
  });
});

describe('foreign content', () => {
  it('written after our drain survives the restore', () => {
    const drained = step(null, undefined, [0]) ?? '';
    const edited = drained.replace(
      '"groups":[',
      '"note":"mine","groups":[{"key":{"proto":"UDP","port":53},"statefulSets":[{"name":"dns","weights":[{"weight":5,"podIndexes":[1]}]}]},',
    );
    const restored = parseRsWeight(step(edited, null, []) ?? '', 'nginx');
    assert.equal(restored['note'], 'mine');
    assert.equal(wantedWeight(restored, { proto: 'UDP', port: 53 }, 'dns', 1), 5);
    assert.deepEqual(zerosOn(restored, TCP80, 'nginx'), []);
  });
  it('keeps numbers as they were written', () => {
    const odd = '{"defaultWeight":10,"x":12345678901234567890,"y":1.50,"groups":[]}';
    const drained = step(odd, odd, [0]) ?? '';
    assert.match(drained, /"x":12345678901234567890,"y":1\.50/);
    assert.equal(step(drained, odd, []), odd);
  });
});

const former = fc.option(
  document.map((value) => JSON.stringify(value)),
  { nil: null },
);
const ordinals = fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 6 });
const KEYS = [TCP80, TCP8080];
const zeros = (text: string | null) =>
  ordinalSet(KEYS.flatMap((key) => zerosOn(stateOf(text)?.document, key, 'nginx')));

const zerosAt = (text: string | null, key: { proto: string; port: number }) =>
  zerosOn(stateOf(text)?.document, key, 'nginx');

const weightOf = (text: string | null, key: { proto: string; port: number }, ordinal: number) =>
  wantedWeight(stateOf(text)?.document, key, 'nginx', ordinal);

/** A restore: some of the ordinals at 0 on each port stay there. */
const release = (text: string | null, before: string | null, kept: Zeros) =>
  annotationText({
    current: stateOf(text),
    former: stateOf(before) ?? null,
    keys: KEYS,
    statefulSet: 'nginx',
    zeros: kept,
  });

/** A drain: the union of the drain set and the ordinals. */
const drain = (text: string | null, before: string | null, more: number[]) =>
  step(text, before, union(zeros(text), more), KEYS);

describe('laws of the drain set', () => {
  it('draining is idempotent', () => {
    fc.assert(
      fc.property(former, ordinals, (before, set) => {
        const once = drain(before, before, set);
        assert.equal(drain(once, before, set), once);
      }),
    );
  });
  it('drain(A) then drain(B) is drain(A ∪ B)', () => {
    fc.assert(
      fc.property(former, ordinals, ordinals, (before, a, b) => {
        assert.equal(drain(drain(before, before, a), before, b), drain(before, before, union(a, b)));
      }),
    );
  });
  it('restore(drain(x)) is x, byte for byte, also where a pod was drained by hand on one port alone', () => {
    fc.assert(
      fc.property(former, ordinals, (before, set) => {
        const drained = drain(before, before, set);
        const kept: Zeros = (key) => intersection(zerosAt(drained, key), zerosAt(before, key));
        assert.equal(release(drained, before, kept), before);
      }),
    );
  });
  it('giving back puts no pod at 0 on any port, and changes no other pod', () => {
    fc.assert(
      fc.property(former, former, ordinals, (text, before, set) => {
        const after = release(text, before, (key) => without(zerosAt(text, key), set));
        for (const key of KEYS) {
          assert.deepEqual(zerosAt(after, key), without(zerosAt(text, key), set));
          for (let ordinal = 0; ordinal <= 13; ordinal++) {
            const isBack = zerosAt(text, key).includes(ordinal) && set.includes(ordinal);
            if (!isBack) assert.equal(weightOf(after, key, ordinal), weightOf(text, key, ordinal));
            assert.equal(
              wantedWeight(stateOf(after)?.document, key, 'other', ordinal),
              wantedWeight(stateOf(text)?.document, key, 'other', ordinal),
            );
          }
        }
      }),
    );
  });
  it('exactly the drain set is at 0, and everybody else has the weight they had', () => {
    fc.assert(
      fc.property(former, ordinals, (before, set) => {
        const after = stateOf(drain(before, before, set))?.document;
        const expected = union(zeros(before), set);
        for (const key of KEYS) {
          assert.deepEqual(zerosOn(after, key, 'nginx'), expected);
          for (let ordinal = 0; ordinal <= 13; ordinal++) {
            if (!expected.includes(ordinal)) {
              assert.equal(
                wantedWeight(after, key, 'nginx', ordinal),
                wantedWeight(stateOf(before)?.document, key, 'nginx', ordinal),
              );
            }
            assert.equal(
              wantedWeight(after, key, 'other', ordinal),
              wantedWeight(stateOf(before)?.document, key, 'other', ordinal),
            );
          }
        }
      }),
    );
  });
  it('an annotation is written back as it was read', () => {
    fc.assert(
      fc.property(document, (value) => {
        const text = JSON.stringify(value);
        assert.ok(sameMeaning(parseRsWeight(text, 'nginx'), value));
        assert.equal(JSON.stringify(parseRsWeight(text, 'nginx')), text);
      }),
    );
  });
});

/** One step with canaries, as the flows do it; what they wrote is what they recorded. */
function canary(
  text: string | null,
  before: string | null,
  kept: ReadonlyMap<number, number>,
  wanted: ReadonlyMap<number, number>,
  drainSet: number[],
): string | null {
  return annotationText({
    current: stateOf(text),
    former: stateOf(before) ?? null,
    keys: KEYS,
    statefulSet: 'nginx',
    zeros: () => drainSet,
    canaries: { kept, wanted, ports: KEYS },
  });
}

const NONE: ReadonlyMap<number, number> = new Map();
const at = (weight: number, set: readonly number[]) => new Map(ordinalSet(set).map((ordinal) => [ordinal, weight]));
const anyWeight = fc.integer({ min: 1, max: 100 });
const evenlyDrained = (before: string | null) =>
  KEYS.every((key) => zerosOn(stateOf(before)?.document, key, 'nginx').join() === zeros(before).join());

describe('laws of canary weights', () => {
  it('the canaries have their weight on every port, the drain set 0, and everybody else what they had', () => {
    fc.assert(
      fc.property(former, ordinals, ordinals, anyWeight, (before, set, drained, weight) => {
        const rest = union(zeros(before), drained).filter((ordinal) => !set.includes(ordinal));
        const after = canary(drain(before, before, union(set, drained)), before, NONE, at(weight, set), rest);
        for (const key of KEYS) {
          for (let ordinal = 0; ordinal <= 13; ordinal++) {
            const expected = set.includes(ordinal)
              ? weight
              : rest.includes(ordinal)
                ? 0
                : weightOf(before, key, ordinal);
            assert.equal(weightOf(after, key, ordinal), expected);
          }
        }
      }),
    );
  });
  it('the same step again changes nothing, and the next weight leaves no trace of the one before', () => {
    fc.assert(
      fc.property(former, ordinals, anyWeight, anyWeight, (before, set, first, second) => {
        const kept = zeros(before).filter((ordinal) => !set.includes(ordinal));
        const drained = drain(before, before, set);
        const once = canary(drained, before, NONE, at(first, set), kept);
        assert.equal(canary(once, before, at(first, set), at(first, set), kept), once);
        const direct = canary(drained, before, NONE, at(second, set), kept);
        const stepped = canary(once, before, at(first, set), at(second, set), kept);
        assert.ok(sameMeaning(stateOf(stepped)?.document, stateOf(direct)?.document), `${stepped} is not ${direct}`);
      }),
    );
  });
  it('a canary that is drained again is as if it had only been drained', () => {
    fc.assert(
      fc.property(former, ordinals, anyWeight, (before, set, weight) => {
        const drained = drain(before, before, set);
        const kept = zeros(before).filter((ordinal) => !set.includes(ordinal));
        const raised = canary(drained, before, NONE, at(weight, set), kept);
        const again = canary(raised, before, at(weight, set), NONE, zeros(drained));
        assert.ok(sameMeaning(stateOf(again)?.document, stateOf(drained)?.document));
      }),
    );
  });
  it('restore after any steps gives back the former annotation, byte for byte', () => {
    fc.assert(
      fc.property(former, ordinals, fc.array(anyWeight, { minLength: 1, maxLength: 3 }), (before, set, weights) => {
        fc.pre(evenlyDrained(before) && !zeros(before).some((ordinal) => set.includes(ordinal)));
        let text = drain(before, before, set);
        let recorded = NONE;
        for (const weight of weights) {
          text = canary(text, before, recorded, at(weight, set), zeros(before));
          recorded = at(weight, set);
        }
        assert.equal(canary(text, before, recorded, NONE, zeros(before)), before);
      }),
    );
  });
  it('a weight that another writer gave a canary survives', () => {
    const raised = canary(step(null, undefined, [0, 1], KEYS), null, NONE, at(5, [0, 1]), []) ?? '';
    const edited = raised.replaceAll('"weight":5,"podIndexes":[0,1]', '"weight":7,"podIndexes":[0]');
    assert.notEqual(edited, raised);
    const restored = canary(edited, null, at(5, [0, 1]), NONE, []);
    assert.equal(weightOf(restored, TCP80, 0), 7);
    assert.equal(weightOf(restored, TCP80, 1), 10);
  });
});

describe('going back', () => {
  const entry = (more: object) => ({
    defaultWeight: 10,
    groups: [{ key: TCP80, statefulSets: [{ name: 'nginx', weights: [{ weight: 0, podIndexes: [0] }], ...more }] }],
  });
  it('never gives an ordinal weight 0 back, though it had it before', () => {
    const held = entry({});
    const next = withZeros(held, [TCP80], 'nginx', () => [], held);
    assert.equal(wantedWeight(next, TCP80, 'nginx', 0), 10);
  });
  it('keeps an entry that says more than we know of', () => {
    const text = JSON.stringify(entry({ note: 'theirs' }));
    const back = step(text, null, []) ?? '';
    assert.deepEqual(JSON.parse(back).groups[0].statefulSets, [{ name: 'nginx', weights: [], note: 'theirs' }]);
    const last = JSON.stringify({ ...entry({}), groups: [{ ...entry({}).groups[0], note: 'theirs' }] });
    assert.deepEqual(JSON.parse(step(last, null, []) ?? '').groups, [{ key: TCP80, statefulSets: [], note: 'theirs' }]);
  });
});
