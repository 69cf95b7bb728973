/** The limits of a server's answers, in size and time: no answer fills the memory, or outlives the verb. */
import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { test } from 'node:test';
import { ConnectionError, TimeLimitError } from '../../../lib/core/errors.ts';
import { PODS } from '../../../lib/ports/resources.ts';
import { reply, startApiServer } from '../fixtures/api-server.ts';
import { connected } from '../fixtures/connected.ts';

const CHUNK = Buffer.alloc(1024 * 1024, ' ');

/** Sends blanks, which may stand before any JSON, until the connection is cut. */
function endless(response: ServerResponse, status = 200): void {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  const more = () => {
    while (!response.destroyed && response.write(CHUNK));
  };
  response.on('drain', more);
  more();
}

for (const [kind, limit, status, ask] of [
  ['an object', /GET .*\/pods\/x: the answer is larger than 16 MiB/, 200, 'get'],
  ['a failure', /GET .*\/pods\/x: the answer is larger than 1 MiB/, 500, 'get'],
  ['what a pod shows', /GET .*\/metrics: the answer is larger than 64 MiB/, 200, 'text'],
] as const) {
  test(`${kind} without an end is read up to a limit, and the request is named`, async () => {
    await using server = await startApiServer({ answer: (_request, response) => endless(response, status) });
    await using client = await connected(server);
    const asked = ask === 'get' ? client.kube.get(PODS, 'x') : client.kube.getText('/metrics');
    await assert.rejects(asked, (error) => {
      assert.ok(error instanceof ConnectionError && !error.retryable, String(error));
      assert.match(error.message, limit);
      return true;
    });
  });
}

test('an event of a watch without an end is read up to a limit', async () => {
  await using server = await startApiServer({ answer: (_request, response) => endless(response) });
  await using client = await connected(server);
  await assert.rejects(async () => {
    for await (const event of client.kube.watch(PODS, { resourceVersion: '1' })) assert.fail(JSON.stringify(event));
  }, /the watch of .*\/pods brought an event of more than 16 MiB$/);
});

test('a time-out cuts a request that hangs and an answer that drips, and names them', async (t) => {
  // `cut` comes once the request has arrived, or a few drops of its answer have left.
  for (const [what, answer] of [
    ['hangs', (_response: ServerResponse, cut: () => void) => cut()],
    [
      'drips',
      (response: ServerResponse, cut: () => void) => {
        response.writeHead(200, { 'Content-Type': 'application/json' });
        let drops = 0;
        const dripping = setInterval(() => {
          response.write(' ');
          if (++drops === 3) cut();
        }, 5);
        response.once('close', () => clearInterval(dripping));
      },
    ],
  ] as const) {
    await t.test(what, async () => {
      const late = new AbortController();
      const cut = () => late.abort(new TimeLimitError('8s'));
      await using server = await startApiServer({ answer: (_request, response) => answer(response, cut) });
      await using client = await connected(server);
      const asked = client.kube.list(PODS, { signal: late.signal });
      await assert.rejects(asked, (error) => {
        assert.ok(error instanceof TimeLimitError);
        assert.match(
          error.message,
          /the time-out of 8s passed; GET https:\/\/127.*\/namespaces\/shop\/pods was not answered$/,
        );
        return true;
      });
    });
  }
});

test('--request-timeout bounds an answer that drips', async () => {
  await using server = await startApiServer({
    answer: (_request, response) => {
      response.writeHead(200, { 'Content-Type': 'application/json' });
      const drops = setInterval(() => response.write(' '), 5);
      response.once('close', () => clearInterval(drops));
    },
  });
  await using client = await connected(server, { flags: { requestTimeoutMs: 100 } });
  await assert.rejects(client.kube.get(PODS, 'x'), /GET .*\/pods\/x: no whole answer within 0\.1s$/);
});

test('a page of a list that is long, but has an end, is read', async () => {
  const items = Array.from({ length: 300 }, (_, index) => ({
    metadata: { name: `p-${index}`, note: 'x'.repeat(100_000) },
  }));
  await using server = await startApiServer({
    answer: (_request, response) => reply(response, { kind: 'PodList', metadata: {}, items }),
  });
  await using client = await connected(server);
  assert.equal((await client.kube.list(PODS)).items.length, 300);
});
