import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { test } from 'node:test';
import { ConnectionError } from '../../../lib/core/errors.ts';
import { PODS } from '../../../lib/ports/resources.ts';
import type { WatchEvent } from '../../../lib/ports.ts';
import { reply, startApiServer, statusBody } from '../fixtures/api-server.ts';
import { connected } from '../fixtures/connected.ts';

const event = (type: string, name: string) => `${JSON.stringify({ type, object: { metadata: { name } } })}\n`;

async function collect(events: AsyncIterable<WatchEvent>): Promise<string[]> {
  const seen: string[] = [];
  for await (const { type, object } of events)
    seen.push(`${type} ${(object as { metadata?: { name: string } }).metadata?.name}`);
  return seen;
}

/** Sends chunks one by one, each flushed before the next. */
async function send(response: ServerResponse, chunks: readonly (string | Buffer)[]): Promise<void> {
  for (const chunk of chunks) await new Promise<void>((resolve) => response.write(chunk, () => setImmediate(resolve)));
}

test('events come whole however the stream is cut, in the middle of a character too', async () => {
  const text = Buffer.from(event('ADDED', '网关-0') + event('MODIFIED', '网关-0') + event('BOOKMARK', 'b'));
  await using server = await startApiServer({
    answer: async (_request, response) => {
      await send(
        response,
        [...text].map((byte) => Buffer.from([byte])),
      );
      response.end();
    },
  });
  await using client = await connected(server);
  const events = client.kube.watch(PODS, { resourceVersion: '5', labelSelector: 'app=web' });
  assert.deepEqual(await collect(events), ['ADDED 网关-0', 'MODIFIED 网关-0', 'BOOKMARK b']);
  const { searchParams } = server.received[0]!.url;
  assert.deepEqual(Object.fromEntries(searchParams), {
    watch: 'true',
    allowWatchBookmarks: 'true',
    timeoutSeconds: '300',
    resourceVersion: '5',
    labelSelector: 'app=web',
  });
});

test('the last event counts even without a line end', async () => {
  await using server = await startApiServer({
    answer: (_request, response) => response.end(event('ADDED', 'a').trim()),
  });
  await using client = await connected(server);
  assert.deepEqual(await collect(client.kube.watch(PODS, {})), ['ADDED a']);
});

test('an abort ends the watch quietly, and its connection with it', async () => {
  const abort = new AbortController();
  let closed: Promise<unknown> = Promise.resolve();
  await using server = await startApiServer({
    answer: (_request, response) => {
      closed = new Promise((resolve) => response.once('close', resolve));
      response.write(event('ADDED', 'a'));
    },
  });
  await using client = await connected(server);
  const seen: string[] = [];
  for await (const { type } of client.kube.watch(PODS, { signal: abort.signal })) {
    seen.push(type);
    abort.abort();
  }
  assert.deepEqual(seen, ['ADDED']);
  await closed;
  assert.deepEqual(await collect(client.kube.watch(PODS, { signal: abort.signal })), []);
  assert.equal(server.received.length, 1);
});

test('leaving the loop closes the connection', async () => {
  let closed: Promise<unknown> = Promise.resolve();
  await using server = await startApiServer({
    answer: (_request, response) => {
      closed = new Promise((resolve) => response.once('close', resolve));
      response.write(event('ADDED', 'a'));
    },
  });
  await using client = await connected(server);
  for await (const _event of client.kube.watch(PODS, {})) break;
  await closed;
});

test('a watch from too long ago is refused with 410, and one that expires later reports it in an ERROR event', async () => {
  const gone = statusBody(410, 'Expired', 'too old resource version: 1 (9)');
  let inStream = false;
  await using server = await startApiServer({
    answer: (_request, response) => {
      if (!inStream) return reply(response, gone, 410);
      return response.end(`${JSON.stringify({ type: 'ERROR', object: gone })}\n`);
    },
  });
  await using client = await connected(server);
  await assert.rejects(collect(client.kube.watch(PODS, { resourceVersion: '1' })), {
    httpStatus: 410,
    reason: 'Expired',
  });
  inStream = true;
  const events: WatchEvent[] = [];
  for await (const each of client.kube.watch(PODS, {})) events.push(each);
  assert.deepEqual(events, [{ type: 'ERROR', object: gone }]);
});

test('a stream that breaks off, inside a line or between two, is a connection error', async () => {
  for (const chunks of [[event('ADDED', 'a'), '{"type":"MOD'], [event('ADDED', 'a')]]) {
    await using server = await startApiServer({
      answer: async (_request, response) => {
        await send(response, chunks);
        response.destroy();
      },
    });
    await using client = await connected(server);
    await assert.rejects(collect(client.kube.watch(PODS, {})), ConnectionError);
  }
});

test('a line that is no event is a connection error with its first words', async () => {
  await using server = await startApiServer({ answer: (_request, response) => response.end('<html>\n') });
  await using client = await connected(server);
  await assert.rejects(
    collect(client.kube.watch(PODS, {})),
    /the watch of .*\/pods broke off or brought no event: <html>$/,
  );
});

test('a watch on which nothing comes for too long is a connection error, so that the caller lists again', async () => {
  await using server = await startApiServer({
    answer: (_request, response) => void response.write(event('ADDED', 'a')),
  });
  await using client = await connected(server, { watchSilenceMs: 30 });
  const seen: string[] = [];
  await assert.rejects(
    async () => {
      for await (const { type } of client.kube.watch(PODS, {})) seen.push(type);
    },
    {
      name: 'ConnectionError',
      message: `Unable to connect to the server: ${new URL(server.url).host} was silent for 0.03s`,
    },
  );
  assert.deepEqual(seen, ['ADDED']);
});

test('--request-timeout ends a watch that is never answered, and leaves alone one that is', async () => {
  await using server = await startApiServer({
    answer: ({ url }, response) => {
      if (url.searchParams.get('labelSelector') === 'app=mute') return;
      response.write(event('ADDED', 'a'));
      setTimeout(() => response.end(event('ADDED', 'b')), 300);
    },
  });
  await using client = await connected(server, { flags: { requestTimeoutMs: 200 } });
  await assert.rejects(
    collect(client.kube.watch(PODS, { labelSelector: 'app=mute' })),
    /no whole answer within 0\.2s$/,
  );
  assert.deepEqual(await collect(client.kube.watch(PODS, {})), ['ADDED a', 'ADDED b']);
});
