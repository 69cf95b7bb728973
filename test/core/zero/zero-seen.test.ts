import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readService, type ServiceFacts } from '../../../lib/core/facts/service-facts.ts';
import { readProof, readZeroSeen, zeroSeenText } from '../../../lib/core/zero/zero-seen.ts';

const AT_MS = Date.UTC(2026, 0, 1, 12, 0, 0, 250);

/** A Service whose weight annotation was written by `managers`, each at its time; undefined: the server does not tell. */
function service(managers: Record<string, string> | undefined): ServiceFacts {
  const fieldsV1 = { 'f:metadata': { 'f:annotations': { 'f:service.cloud.tencent.com/lb-rs-weight': {} } } };
  return readService({
    metadata: {
      name: 'nginx',
      ...(managers === undefined
        ? {}
        : { managedFields: Object.entries(managers).map(([manager, time]) => ({ manager, time, fieldsV1 })) }),
    },
  });
}

const ours = { 'kubectl-zeroloss': '2026-01-01T11:00:00Z' };
const edited = { ...ours, 'kubectl-edit': '2026-01-01T11:30:00Z' };
const written = (managers: Record<string, string> | undefined) =>
  zeroSeenText(service(managers), new Map([['uid-0', AT_MS]])) ?? '';
const read = (text: string | undefined, managers: Record<string, string> | undefined) => [
  ...readZeroSeen(service(managers), text),
];

test('a moment is read as it was written, to the millisecond, as long as no other writer writes the weights', () => {
  assert.deepEqual(read(written(ours), ours), [['uid-0', AT_MS]]);
  assert.deepEqual(read(written(ours), { 'kubectl-zeroloss': '2026-01-01T13:00:00Z' }), [['uid-0', AT_MS]]);
  assert.deepEqual(read(written(edited), edited), [['uid-0', AT_MS]]);
});

test('a moment is worth nothing once another writer has written the weights, for the first time or again', () => {
  assert.deepEqual(read(written(ours), edited), []);
  assert.deepEqual(read(written(edited), { ...edited, 'kubectl-edit': '2026-01-01T12:30:00Z' }), []);
  assert.deepEqual(read(written(edited), ours), []);
});

test('where the server does not show the writers of the weights, no moment is believed', () => {
  assert.deepEqual(read(written(undefined), undefined), []);
  assert.deepEqual(read(written(ours), undefined), []);
});

test('a text of another shape counts as none, and a time that is none is left out', () => {
  for (const text of [undefined, '', '{', 'null', '[]', '{"pods":{}}', '{"pods":null,"writers":[]}', '{"writers":[]}'])
    assert.deepEqual(read(text, ours), [], String(text));
  for (const writers of ['null', '{}', '""'])
    assert.deepEqual(read(`{"pods":{"uid-0":"2026-01-01T12:00:00Z"},"writers":${writers}}`, ours), []);
  const half = '{"pods":{"uid-0":"noon","uid-1":"2026-01-01T12:00:00.250Z"},"writers":[]}';
  assert.deepEqual(read(half, ours), [['uid-1', AT_MS]]);
});

test('nothing to remember is no annotation, and pods are written in one order', () => {
  assert.equal(zeroSeenText(service(ours), new Map()), null);
  const seen = new Map([
    ['b', AT_MS],
    ['a', AT_MS],
  ]);
  assert.equal(
    zeroSeenText(service(ours), seen),
    '{"format":1,"pods":{"a":"2026-01-01T12:00:00.250Z","b":"2026-01-01T12:00:00.250Z"},"writers":[]}',
  );
});

test('a proof stands beside the moments, which are read with it as without it; the version before left none', () => {
  const seen = new Map([['uid-0', AT_MS]]);
  const proof = { format: 1, rule: 'pod' };
  const text = zeroSeenText(service(ours), seen, proof) ?? '';
  assert.deepEqual(read(text, ours), read(written(ours), ours));
  assert.deepEqual(readProof(service(ours), text), proof);
  const before = '{"pods":{"uid-0":"2026-01-01T12:00:00.250Z"},"writers":[]}';
  assert.deepEqual(read(before, ours), [['uid-0', AT_MS]]);
  for (const none of [before, written(ours), undefined, '{', 'null'])
    assert.equal(readProof(service(ours), none), undefined, String(none));
});

test('a proof is worth nothing where the moments beside it are not: another writer, another format, a server that does not tell', () => {
  const text = zeroSeenText(service(ours), new Map([['uid-0', AT_MS]]), { format: 1 }) ?? '';
  assert.equal(readProof(service(edited), text), undefined);
  assert.equal(readProof(service(undefined), text), undefined);
  assert.equal(readProof(service(ours), text.replace('{"format":1,"pods"', '{"format":2,"pods"')), undefined);
});
