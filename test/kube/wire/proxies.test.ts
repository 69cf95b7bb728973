import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { ConnectionError } from '../../../lib/core/errors.ts';
import { PODS } from '../../../lib/ports/resources.ts';
import { reply, startApiServer } from '../fixtures/api-server.ts';
import { connected } from '../fixtures/connected.ts';
import { startProxy, startSilentProxy } from '../fixtures/proxy.ts';

const POD = { metadata: { name: 'x' } };

test('through a proxy ten requests share one tunnel, TLS is still checked end to end, and the client certificate arrives', async () => {
  await using server = await startApiServer({ answer: (_request, response) => reply(response, POD) });
  const { port } = new URL(server.url);
  await using proxy = await startProxy(Number(port));
  const { cert, key } = await server.authority.client('admin');
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const user = { 'client-certificate-data': base64(cert), 'client-key-data': base64(key) };
  const cluster = { 'proxy-url': proxy.url.replace('//', '//jane:secret@') };
  await using client = await connected(server, { user, cluster });
  for (let count = 0; count < 10; count += 1) await client.kube.get(PODS, 'x');
  assert.deepEqual(proxy.asked, [`127.0.0.1:${port} Basic ${base64('jane:secret')}`]);
  assert.equal(server.connections(), 1);
  assert.equal(server.received[9]?.client, 'admin');
});

test('HTTPS_PROXY carries a server that is not loopback, and tls-server-name is honoured on the way', async () => {
  await using server = await startApiServer({ answer: (_request, response) => reply(response, POD) });
  await using proxy = await startProxy(Number(new URL(server.url).port));
  const options = {
    cluster: { server: 'https://api.cluster.invalid:6443', 'tls-server-name': 'localhost' },
    env: { HTTPS_PROXY: proxy.url },
  };
  await using client = await connected(server, options);
  await client.kube.get(PODS, 'x');
  assert.deepEqual(proxy.asked, ['api.cluster.invalid:6443']);
  await using wrong = await connected(server, { ...options, cluster: { server: 'https://api.cluster.invalid:6443' } });
  await assert.rejects(wrong.kube.get(PODS, 'x'), /x509: certificate is valid for .*, not api\.cluster\.invalid$/);
});

test('a proxy that refuses or is not there is reported as a connection error that names it, without its password', async () => {
  await using server = await startApiServer();
  await using client = await connected(server, { cluster: { 'proxy-url': 'http://jane:secret@127.0.0.1:1' } });
  await assert.rejects(client.kube.get(PODS, 'x'), (error: Error) => {
    assert.equal(error.name, 'ConnectionError');
    assert.match(
      error.message,
      /^Unable to connect to the server: through the proxy http:\/\/<masked>@127\.0\.0\.1:1: connect ECONNREFUSED/,
    );
    assert.doesNotMatch(`${error.message} ${client.traces.join()}`, /secret/);
    return true;
  });
});

test('a proxy that takes the connection and never answers CONNECT ends requests and exec in time, and they may be tried again', async () => {
  await using server = await startApiServer();
  await using proxy = await startSilentProxy();
  await using client = await connected(server, { cluster: { 'proxy-url': proxy.url }, connectTimeoutMs: 50 });
  for (const call of [client.kube.get(PODS, 'x'), client.kube.exec('x', 'main', ['true'])]) {
    await assert.rejects(call, (error) => {
      assert.ok(error instanceof ConnectionError);
      assert.match(error.message, /^Unable to connect to the server: .*dial tcp 127\.0\.0\.1:\d+: i\/o timeout$/);
      assert.equal(error.retryable, true);
      return true;
    });
  }
});

test('an abort, and --request-timeout, end a request that waits for a silent proxy, and leave no listener behind', async () => {
  await using server = await startApiServer();
  await using proxy = await startSilentProxy();
  const cluster = { 'proxy-url': proxy.url };
  await using client = await connected(server, { cluster });
  const stop = new AbortController();
  const reason = new Error('stop');
  const asked = client.kube.get(PODS, 'x', { signal: stop.signal });
  void proxy.accepted.then(() => stop.abort(reason));
  await assert.rejects(asked, reason);
  assert.deepEqual(getEventListeners(stop.signal, 'abort'), []);

  await using bounded = await connected(server, { cluster, flags: { requestTimeoutMs: 50 } });
  await assert.rejects(bounded.kube.get(PODS, 'x'), /no whole answer within 0\.05s$/);

  await using hasty = await connected(server, { cluster, connectTimeoutMs: 50 });
  const { signal } = new AbortController();
  await assert.rejects(hasty.kube.get(PODS, 'x', { signal }), /i\/o timeout$/);
  assert.deepEqual(getEventListeners(signal, 'abort'), []);
});

test('a SOCKS5 proxy is asked for the server by its name, which may be known there alone; from the environment too', async () => {
  await using server = await startApiServer({ answer: (_request, response) => reply(response, POD) });
  await using proxy = await startProxy(Number(new URL(server.url).port));
  const cluster = { server: 'https://api.cluster.invalid:6443', 'tls-server-name': 'localhost' };
  await using fromFile = await connected(server, { cluster: { ...cluster, 'proxy-url': proxy.socksUrl } });
  assert.deepEqual(await fromFile.kube.get(PODS, 'x'), POD);
  await using fromEnv = await connected(server, { cluster, env: { HTTPS_PROXY: proxy.socksUrl } });
  assert.deepEqual(await fromEnv.kube.get(PODS, 'x'), POD);
  assert.deepEqual(proxy.asked, ['api.cluster.invalid:6443', 'api.cluster.invalid:6443']);
});
