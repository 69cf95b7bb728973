import assert from 'node:assert/strict';
import { test } from 'node:test';
import { statefulSet, useApi } from '../harness.ts';

const api = useApi();
const SETS_PATH = '/apis/apps/v1/namespaces/default/statefulsets';
const misspelt = (name: string) => ({ ...statefulSet(name), surprise: 1 });

test('an unknown field is refused by Strict, warned of by default, and dropped in any case but the first', async () => {
  const strict = await api.post(`${SETS_PATH}?fieldValidation=Strict`, misspelt('strict'));
  assert.deepEqual([strict.status, strict.json.reason], [400, 'BadRequest']);
  assert.match(strict.json.message, /strict decoding error: unknown field "surprise"$/);
  const warned = await api.post(SETS_PATH, misspelt('warned'));
  assert.deepEqual([warned.status, warned.json.surprise], [201, undefined]);
  assert.equal(warned.headers['warning'], '299 - "unknown field \\"surprise\\""');
  const ignored = await api.post(`${SETS_PATH}?fieldValidation=Ignore`, misspelt('ignored'));
  assert.deepEqual([ignored.status, ignored.json.surprise, ignored.headers['warning']], [201, undefined, undefined]);
});

test('a patch that adds an unknown field or a value of the wrong type is refused as invalid', async () => {
  await api.post(SETS_PATH, statefulSet('patched'));
  const path = `${SETS_PATH}/patched`;
  const strict = await api.merge(`${path}?fieldValidation=Strict`, { spec: { repicas: 1 } });
  assert.deepEqual([strict.status, strict.json.reason], [422, 'Invalid']);
  assert.match(strict.json.message, /unknown field "spec.repicas"/);
  const mistyped = await api.merge(path, { spec: { replicas: 'two' } });
  assert.deepEqual([mistyped.status, mistyped.json.reason], [422, 'Invalid']);
  const { json } = await api.merge(path, {
    spec: { template: { spec: { containers: [{ name: 'a', image: 'b', imagee: 'c' }] } } },
  });
  assert.equal(json.spec.template.spec.containers[0].imagee, undefined);
});
