import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RefusedError } from '../../../lib/core/errors.ts';
import { keyText, parseRsWeight, type RsWeight, serialiseRsWeight } from '../../../lib/core/weights/rs-weight.ts';

const KEY = { proto: 'TCP', port: 80 };
const withSets = (statefulSets: unknown): unknown => ({ groups: [{ key: KEY, statefulSets }] });
const withWeights = (weights: unknown): unknown => withSets([{ name: 'nginx', weights }]);
const parsed = (document: unknown): RsWeight => parseRsWeight(JSON.stringify(document), 'nginx');

describe('a text that is no weight annotation is refused, with its fault', () => {
  for (const [what, document, says] of [
    ['a list', [], /is not a JSON object/],
    ['a default below 0', { defaultWeight: -1 }, /defaultWeight that is not a whole number from 0 to 100/],
    ['a default above 100', { defaultWeight: 101 }, /defaultWeight/],
    ['a broken default', { defaultWeight: 1.5 }, /defaultWeight/],
    ['a default in quotes', { defaultWeight: '10' }, /defaultWeight/],
    ['groups that are an object', { groups: {} }, /"groups" that is not a list/],
    ['a group without a key', { groups: [{}] }, /groups\[0\] without a "key"/],
    ['port 0', { groups: [{ key: { proto: 'TCP', port: 0 } }] }, /groups\[0\]\.key that is not/],
    ['a port above 65535', { groups: [{ key: { proto: 'TCP', port: 65_536 } }] }, /groups\[0\]\.key/],
    ['a key without a protocol', { groups: [{ key: { port: 80 } }] }, /groups\[0\]\.key/],
    ['one port twice', { groups: [{ key: KEY }, { key: KEY }] }, /names port TCP\/80 twice/],
    [
      'one port twice, in two spellings',
      { groups: [{ key: KEY }, { key: { ...KEY, proto: 'tcp' } }] },
      /TCP\/80 twice/,
    ],
    ['sets that are an object', withSets({}), /statefulSets that is not a list/],
    ['a set without a name', withSets([{}]), /statefulSets\[0\] without a "name"/],
    ['one set twice', withSets([{ name: 'a' }, { name: 'a' }]), /names in groups\[0\] statefulset a twice/],
    ['weights that are an object', withWeights({}), /weights that is not a list/],
    ['a weight above 100', withWeights([{ weight: 101, podIndexes: [0] }]), /without a "weight" from 0 to 100/],
    ['a weight below 0', withWeights([{ weight: -1, podIndexes: [0] }]), /"weight"/],
    ['no podIndexes', withWeights([{ weight: 0 }]), /podIndexes that is not a list of ordinals/],
    ['a negative ordinal', withWeights([{ weight: 0, podIndexes: [-1] }]), /podIndexes/],
    [
      'one ordinal with two weights',
      withWeights([
        { weight: 0, podIndexes: [3] },
        { weight: 5, podIndexes: [2, 3] },
      ]),
      /names for statefulset "nginx" ordinal 3 twice/,
    ],
  ] as const) {
    it(what, () => {
      assert.throws(
        () => parsed(document),
        (error: unknown) =>
          error instanceof RefusedError &&
          error.refusals[0]?.rule === 'annotation-parses' &&
          says.test(error.refusals[0].message),
      );
    });
  }
});

describe('a weight annotation is read', () => {
  for (const [what, document] of [
    ['nothing at all', {}],
    ['the ends of the ranges', { defaultWeight: 0, groups: [{ key: { proto: 'TCP', port: 1 } }] }],
    ['the other ends', { defaultWeight: 100, groups: [{ key: { proto: 'UDP', port: 65_535 } }] }],
    [
      'weights from 0 to 100',
      withWeights([
        { weight: 0, podIndexes: [0] },
        { weight: 100, podIndexes: [1] },
      ]),
    ],
    ['an ordinal that is repeated within one weight', withWeights([{ weight: 0, podIndexes: [2, 2] }])],
    [
      'a set on two ports',
      { groups: [80, 81].map((port) => ({ key: { ...KEY, port }, statefulSets: [{ name: 'a' }] })) },
    ],
  ] as const) {
    it(what, () => assert.deepEqual(parsed(document), document));
  }
});

it('every number and unknown field comes out as it was written', () => {
  const text =
    '{"defaultWeight":10,"x":12345678901234567890,"y":1.0,"groups":[{"key":{"proto":"tcp","port":80,"z":1e3}}]}';
  assert.equal(serialiseRsWeight(parseRsWeight(text, 'nginx')), text);
});

it('ports are compared without regard to the spelling of the protocol', () => {
  assert.equal(keyText({ proto: 'tcp', port: 80 }), keyText({ proto: 'TCP', port: 80 }));
});
