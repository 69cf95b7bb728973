/** Answers of another shape, from something that is no API server or lies: always words, never a TypeError. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConnectionError } from '../../../lib/core/errors.ts';
import { PODS } from '../../../lib/ports/resources.ts';
import { reply, startApiServer } from '../fixtures/api-server.ts';
import { connected } from '../fixtures/connected.ts';

for (const [what, object, words] of [
  ['nothing', {}, /brought an object without metadata: \{\}$/],
  ['a Response of the cloud', { Response: {} }, /without metadata: \{"Response":\{\}\}$/],
  ['metadata that is none', { metadata: [] }, /without metadata/],
  ['no name', { metadata: { name: 7 } }, /without a name/],
  ['a number as a label', { metadata: { name: 'x', labels: { a: 1 } } }, /whose labels are not texts/],
  ['annotations that are a text', { metadata: { name: 'x', annotations: 'no' } }, /whose annotations are not texts/],
  [
    'an owner that is none',
    { metadata: { name: 'x', ownerReferences: [null] } },
    /whose ownerReferences are not a list/,
  ],
  ['a UID that is none', { metadata: { name: 'x', uid: {} } }, /whose uid is no text/],
] as const) {
  test(`an object with ${what} is refused by get, list, patch and watch, with the request and what was sent`, async () => {
    await using server = await startApiServer({
      answer: ({ url, method }, response) => {
        if (url.searchParams.has('watch')) return reply(response, { type: 'ADDED', object });
        const isList = method === 'GET' && url.pathname.endsWith('/pods');
        return reply(response, isList ? { kind: 'PodList', metadata: {}, items: [object] } : object);
      },
    });
    await using client = await connected(server);
    const refused = (error: unknown) => {
      assert.ok(error instanceof ConnectionError, String(error));
      assert.match(error.message, words);
      assert.match(error.message, /\/namespaces\/shop\/pods/);
      return true;
    };
    await assert.rejects(client.kube.get(PODS, 'x'), refused);
    await assert.rejects(client.kube.list(PODS), refused);
    await assert.rejects(client.kube.patch(PODS, 'x', {}, { type: 'merge' }), refused);
    await assert.rejects(async () => {
      for await (const event of client.kube.watch(PODS, { resourceVersion: '1' })) assert.fail(JSON.stringify(event));
    }, refused);
  });
}

test('an item of a list that is null is refused like any other', async () => {
  await using server = await startApiServer({
    answer: (_request, response) => reply(response, { kind: 'PodList', metadata: null, items: [null] }),
  });
  await using client = await connected(server);
  await assert.rejects(client.kube.list(PODS), /GET .*\/pods brought an object that is none: null$/);
});
