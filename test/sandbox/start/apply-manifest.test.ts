import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CATALOGUE, groupVersion } from '../../../sandbox/apiserver/catalogue.ts';
import { resourceOf } from '../../../sandbox/start/apply-manifest.ts';

test('a manifest may hold every kind that the API server serves, claims and Secrets among them', () => {
  for (const served of CATALOGUE) {
    const object = { apiVersion: groupVersion(served), kind: served.kind, metadata: { name: 'x' } };
    assert.equal(resourceOf(object).plural, served.plural);
  }
});

test('a kind that is not served is refused with those that are', () => {
  const gadget = { apiVersion: 'example.com/v1', kind: 'Gadget', metadata: { name: 'g' } };
  assert.throws(() => resourceOf(gadget), /does not serve kind Gadget of example.com\/v1 \(g\)/);
});
