import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StatusError } from '../../../lib/core/errors.ts';
import { NODES, PODS, SERVICES, STATEFUL_SETS } from '../../../lib/ports/resources.ts';
import { reply, startApiServer, statusBody } from '../fixtures/api-server.ts';
import { connected } from '../fixtures/connected.ts';

const pod = (name: string, uid = 'u-1') => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name, uid } });

test('get reads one object, in the context namespace or the asked one, and keeps unknown fields', async () => {
  await using server = await startApiServer({
    answer: ({ url }, response) =>
      reply(response, {
        ...pod('web-0'),
        ...(url.pathname.includes('/pods/')
          ? {}
          : { kind: undefined, metadata: { name: url.pathname.split('/').find((part) => /^(web|n1)$/.test(part)) } }),
        spec: { brandNew: { field: [1] } },
      }),
  });
  await using client = await connected(server);
  const read = await client.kube.get(PODS, 'web-0');
  assert.deepEqual(read['spec'], { brandNew: { field: [1] } });
  await client.kube.get(STATEFUL_SETS, 'web', { namespace: 'other', subresource: 'scale' });
  await client.kube.get(NODES, 'n1');
  assert.deepEqual(
    server.received.map(({ url }) => url.pathname),
    ['/api/v1/namespaces/shop/pods/web-0', '/apis/apps/v1/namespaces/other/statefulsets/web/scale', '/api/v1/nodes/n1'],
  );
});

for (const [name, body] of [
  ['another name', pod('web-1')],
  ['another namespace', { ...pod('web-0'), metadata: { name: 'web-0', namespace: 'other' } }],
  ['another kind', { ...pod('web-0'), kind: 'Service' }],
] as const) {
  test(`an object of ${name} than was asked for is no answer`, async () => {
    await using server = await startApiServer({ answer: (_request, response) => reply(response, body) });
    await using client = await connected(server);
    await assert.rejects(client.kube.get(PODS, 'web-0'), /was asked for .* and brought/);
  });
}

for (const [name, body] of [
  ['of another kind', { kind: 'ServiceList', items: [] }],
  ['with an item of another namespace', { kind: 'PodList', items: [{ metadata: { name: 'a', namespace: 'other' } }] }],
] as const) {
  test(`a list ${name} is no answer`, async () => {
    await using server = await startApiServer({ answer: (_request, response) => reply(response, body) });
    await using client = await connected(server);
    await assert.rejects(client.kube.list(PODS), /was asked for .* and brought/);
  });
}

test('ten requests use one connection', async () => {
  await using server = await startApiServer({ answer: (_request, response) => reply(response, pod('web-0')) });
  await using client = await connected(server);
  for (let count = 0; count < 10; count += 1) await client.kube.get(PODS, 'web-0');
  assert.equal(server.received.length, 10);
  assert.equal(server.connections(), 1);
});

test('a delete carries its UID precondition in a framed body, so that a wrong UID is a conflict and the connection stays usable', async () => {
  await using server = await startApiServer({
    answer: (request, response) => {
      if (request.method !== 'DELETE') return reply(response, pod('web-0'));
      // Like the API server: a body that is not framed is not read, and the precondition in it is lost.
      const framed =
        request.headers['content-length'] !== undefined || request.headers['transfer-encoding'] !== undefined;
      const { preconditions } = framed ? JSON.parse(request.body) : {};
      if (preconditions?.uid !== undefined && preconditions.uid !== 'u-1') {
        const message = 'Operation cannot be fulfilled on pods "web-0": the UID in the precondition does not match';
        return reply(response, statusBody(409, 'Conflict', message), 409);
      }
      return reply(response, pod('web-0'));
    },
  });
  await using client = await connected(server);
  await assert.rejects(client.kube.delete(PODS, 'web-0', { uid: 'u-2', gracePeriodSeconds: 5 }), (error) => {
    assert.ok(error instanceof StatusError);
    assert.equal(error.httpStatus, 409);
    assert.match(error.message, /^Error from server \(Conflict\): Operation cannot be fulfilled/);
    return true;
  });
  await client.kube.delete(PODS, 'web-0', { uid: 'u-1', propagationPolicy: 'Background', dryRun: true });
  await client.kube.get(PODS, 'web-0');
  const [wrong, right] = server.received;
  assert.equal(wrong?.headers['content-length'], String(Buffer.byteLength(wrong?.body ?? '')));
  assert.equal(JSON.parse(wrong?.body ?? '').gracePeriodSeconds, 5);
  assert.deepEqual(JSON.parse(right?.body ?? ''), {
    kind: 'DeleteOptions',
    apiVersion: 'v1',
    preconditions: { uid: 'u-1' },
    propagationPolicy: 'Background',
    dryRun: ['All'],
  });
  assert.equal(right?.url.searchParams.get('dryRun'), 'All');
  assert.equal(server.connections(), 1);
});

test('a list brings every page as one list, with selectors on each request and types on each item', async () => {
  const pages: Record<string, object> = {
    '': { metadata: { resourceVersion: '7', continue: 'p2' }, items: [{ metadata: { name: 'a' } }] },
    p2: { metadata: { resourceVersion: '7' }, items: [{ metadata: { name: 'b' } }] },
  };
  await using server = await startApiServer({
    answer: ({ url }, response) => reply(response, pages[url.searchParams.get('continue') ?? '']),
  });
  await using client = await connected(server);
  const list = await client.kube.list(STATEFUL_SETS, {
    namespace: '*',
    labelSelector: 'app=web',
    fieldSelector: 'metadata.name=a',
  });
  assert.deepEqual(list, {
    metadata: { resourceVersion: '7' },
    items: [
      { apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name: 'a' } },
      { apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name: 'b' } },
    ],
  });
  assert.equal(
    server.received[1]?.url.href.replace('https://server', ''),
    '/apis/apps/v1/statefulsets?labelSelector=app%3Dweb&fieldSelector=metadata.name%3Da&limit=500&continue=p2',
  );
});

test('a continue token that expires starts the list afresh instead of shortening it', async () => {
  let expired = false;
  await using server = await startApiServer({
    answer: ({ url }, response) => {
      if (!url.searchParams.has('continue')) {
        return reply(response, { metadata: { continue: 'next' }, items: [{ metadata: { name: 'a' } }] });
      }
      if (!expired) {
        expired = true;
        return reply(response, statusBody(410, 'Expired', 'The provided continue parameter is too old'), 410);
      }
      return reply(response, { metadata: {}, items: [{ metadata: { name: 'b' } }] });
    },
  });
  await using client = await connected(server);
  const { items } = await client.kube.list(PODS);
  assert.deepEqual(
    items.map((item) => item.metadata.name),
    ['a', 'b'],
  );
  assert.equal(server.received.length, 4);
});

test('a list that expires again and again ends in the 410, never in part of the list', async () => {
  await using server = await startApiServer({
    answer: ({ url }, response) =>
      url.searchParams.has('continue')
        ? reply(response, statusBody(410, 'Expired', 'too old'), 410)
        : reply(response, { metadata: { continue: 'next' }, items: [{ metadata: { name: 'a' } }] }),
  });
  await using client = await connected(server);
  await assert.rejects(client.kube.list(PODS), { httpStatus: 410, reason: 'Expired' });
});

test('every write names its field manager, and dry-run, force and the patch type go where the server reads them', async () => {
  await using server = await startApiServer({ answer: (_request, response) => reply(response, pod('x')) });
  await using client = await connected(server);
  const { kube } = client;
  await kube.create(PODS, pod('x'), { dryRun: true });
  await kube.create(PODS, { kind: 'Eviction' }, { name: 'web-0', subresource: 'eviction' });
  await kube.patch(SERVICES, 'web', { metadata: {} }, { type: 'merge' });
  await kube.patch(SERVICES, 'web', {}, { type: 'strategic' });
  await kube.patch(SERVICES, 'web', [], { type: 'json' });
  await kube.patch(SERVICES, 'web', {}, { type: 'apply', force: true, subresource: 'status' });
  assert.deepEqual(
    server.received.map(
      ({ method, url, headers }) => `${method} ${url.pathname}${url.search} ${headers['content-type']}`,
    ),
    [
      'POST /api/v1/namespaces/shop/pods?fieldManager=kubectl-zeroloss&dryRun=All application/json',
      'POST /api/v1/namespaces/shop/pods/web-0/eviction?fieldManager=kubectl-zeroloss application/json',
      'PATCH /api/v1/namespaces/shop/services/web?fieldManager=kubectl-zeroloss application/merge-patch+json',
      'PATCH /api/v1/namespaces/shop/services/web?fieldManager=kubectl-zeroloss application/strategic-merge-patch+json',
      'PATCH /api/v1/namespaces/shop/services/web?fieldManager=kubectl-zeroloss application/json-patch+json',
      'PATCH /api/v1/namespaces/shop/services/web/status?fieldManager=kubectl-zeroloss&force=true application/apply-patch+yaml',
    ],
  );
  assert.ok(
    server.received.every(({ headers, body }) => headers['content-length'] === String(Buffer.byteLength(body))),
  );
});

test('a name that would change the path is refused before anything is sent', async () => {
  await using server = await startApiServer();
  await using client = await connected(server);
  for (const name of ['', '..', 'a/b', 'a%2fb']) {
    await assert.rejects(client.kube.get(PODS, name), /is not a name that an API path can carry/);
  }
  assert.equal(server.received.length, 0);
});

test('getText brings any path as it is, for the pod proxy and /version', async () => {
  await using server = await startApiServer({ answer: (_request, response) => response.end('up 1\n') });
  await using client = await connected(server);
  assert.equal(await client.kube.getText('/api/v1/namespaces/shop/pods/web-0:80/proxy/metrics?a=b'), 'up 1\n');
  assert.equal(server.received[0]?.url.search, '?a=b');
});
