import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SyncError } from '../../../../sandbox/service-controller/sync-error.ts';
import { parseWeights } from '../../../../sandbox/service-controller/targets/weights.ts';

test('the annotation of the guide names port, StatefulSet and ordinals; all others are left to the default', () => {
  const { weightOf, defaultWeight } = parseWeights(
    '{"defaultWeight":20,"groups":[{"key":{"proto":"TCP","port":80},"statefulSets":[{"name":"nginx","weights":[{"weight":0,"podIndexes":[0,1]}]}]}]}',
  );
  assert.equal(defaultWeight, 20);
  assert.equal(weightOf('TCP', 80, 'nginx', 0), 0);
  assert.equal(weightOf('TCP', 80, 'nginx', 1), 0);
  assert.equal(weightOf('TCP', 80, 'nginx', 2), undefined);
  assert.equal(weightOf('TCP', 8080, 'nginx', 0), undefined);
  assert.equal(weightOf('UDP', 80, 'nginx', 0), undefined);
  assert.equal(weightOf('TCP', 80, 'other', 0), undefined);
});

test('without an annotation every weight is 10', () => {
  const { weightOf, defaultWeight } = parseWeights(undefined);
  assert.deepEqual([weightOf('TCP', 80, 'nginx', 0), defaultWeight], [undefined, 10]);
});

test('unknown keys are ignored and missing lists are empty', () => {
  const { weightOf } = parseWeights('{"comment":"x","groups":[{"key":{"proto":"TCP","port":80,"host":"a"}}]}');
  assert.equal(weightOf('TCP', 80, 'nginx', 0), undefined);
});

test('a wrong shape is an error', () => {
  const weights = (entry: string): string =>
    `{"groups":[{"key":{"proto":"TCP","port":80},"statefulSets":[{"name":"nginx","weights":[${entry}]}]}]}`;
  for (const text of [
    '',
    '{',
    '[]',
    'null',
    '{"defaultWeight":"10"}',
    '{"defaultWeight":101}',
    '{"groups":{}}',
    '{"groups":[{"key":{"proto":"TCP"}}]}',
    '{"groups":[{"key":{"proto":"TCP","port":80},"statefulSets":[{}]}]}',
    weights('{"weight":-1,"podIndexes":[0]}'),
    weights('{"weight":1.5,"podIndexes":[0]}'),
    weights('{"podIndexes":[0]}'),
    weights('{"weight":0}'),
    weights('{"weight":0,"podIndexes":["0"]}'),
    weights('{"weight":0,"podIndexes":[-1]}'),
  ]) {
    assert.throws(() => parseWeights(text), SyncError, text);
  }
});
