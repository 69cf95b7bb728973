import assert from 'node:assert/strict';
import { test } from 'node:test';
import { labelsMatch } from '../../../lib/core/values/label-selector.ts';

const labels = { app: 'nginx', tier: 'edge' };

test('matchLabels and matchExpressions must both hold', () => {
  const matchExpressions = [
    { key: 'tier', operator: 'In', values: ['edge'] },
    { key: 'gone', operator: 'DoesNotExist' },
    { key: 'app', operator: 'Exists' },
    { key: 'gone', operator: 'NotIn', values: ['x'] },
  ];
  assert.equal(labelsMatch({ matchLabels: { app: 'nginx' }, matchExpressions }, labels), true);
  assert.equal(labelsMatch({ matchLabels: { app: 'apache' }, matchExpressions }, labels), false);
  assert.equal(
    labelsMatch({ matchExpressions: [{ key: 'tier', operator: 'NotIn', values: ['edge'] }] }, labels),
    false,
  );
});

test('an empty selector matches everything and a missing one nothing', () => {
  assert.equal(labelsMatch({}, labels), true);
  assert.equal(labelsMatch(undefined, labels), false);
});

test('a key that every object of the language has is no label', () => {
  const exists = { matchExpressions: [{ key: 'constructor', operator: 'Exists' }] };
  assert.equal(labelsMatch(exists, labels), false);
  assert.equal(labelsMatch(exists, { constructor: 'x' }), true);
});

test('an operator that does not exist matches nothing', () => {
  assert.equal(labelsMatch({ matchExpressions: [{ key: 'app', operator: 'Gt', values: ['1'] }] }, labels), false);
});
