import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { ConnectionError, StatusError } from '../../lib/core/errors.ts';
import { connectKube } from '../../lib/kube/connect-kube.ts';
import { connectionErrorFrom } from '../../lib/kube/wire/connection-error.ts';
import { PODS, STATEFUL_SETS } from '../../lib/ports/resources.ts';
import { reply, startApiServer, statusBody } from './fixtures/api-server.ts';
import { connected } from './fixtures/connected.ts';
import { testAuthority } from './fixtures/pki.ts';

async function failure(run: Promise<unknown>): Promise<ConnectionError | StatusError> {
  const error = await run.then(
    () => assert.fail('it should have failed'),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof ConnectionError || error instanceof StatusError, String(error));
  return error;
}

test('a Status is reported in kubectl words, with its parts kept', async () => {
  const details = { name: 'x', group: 'apps', kind: 'statefulsets' };
  await using server = await startApiServer({
    answer: (_request, response) =>
      reply(response, statusBody(404, 'NotFound', 'statefulsets.apps "x" not found', details), 404),
  });
  await using client = await connected(server);
  const error = await failure(client.kube.get(STATEFUL_SETS, 'x'));
  assert.equal(error.message, 'Error from server (NotFound): statefulsets.apps "x" not found');
  assert.ok(error instanceof StatusError);
  assert.equal(error.reason, 'NotFound');
  assert.equal(error.serverMessage, 'statefulsets.apps "x" not found');
  assert.deepEqual(error.details, details);
});

test('a message of several lines, as a webhook may write it, is reported in one', async () => {
  let message = 'admission webhook "policy" denied the request:\n  - no latest tag\r\n\nsee http://policy\n';
  await using server = await startApiServer({
    answer: (_request, response) => reply(response, statusBody(400, 'BadRequest', message), 400),
  });
  await using client = await connected(server);
  const error = await failure(client.kube.get(PODS, 'x'));
  assert.equal(
    error.message,
    'Error from server (BadRequest): admission webhook "policy" denied the request: - no latest tag see http://policy',
  );
  message = ' \n';
  const silent = await failure(client.kube.get(PODS, 'x'));
  assert.equal(silent.message, 'Error from server (BadRequest): the server answered 400');
});

test('401 is reported as not logged in, 403 with the question to ask', async () => {
  let body = statusBody(401, 'Unauthorized', 'Unauthorized');
  let code = 401;
  await using server = await startApiServer({ answer: (_request, response) => reply(response, body, code) });
  await using client = await connected(server);
  const unauthorized = await failure(client.kube.get(PODS, 'x'));
  assert.equal(unauthorized.message, 'error: You must be logged in to the server (Unauthorized)');
  code = 403;
  const message =
    'services "web" is forbidden: User "jane" cannot patch resource "services" in API group "" in the namespace "shop"';
  body = statusBody(403, 'Forbidden', message, { name: 'web', kind: 'services' });
  const forbidden = await failure(client.kube.get(PODS, 'x'));
  assert.equal(forbidden.message, `Error from server (Forbidden): ${message}`);
  assert.equal(forbidden.hint, 'ask with: kubectl auth can-i patch services/web -n shop');
});

test('an HTML page from something in between is reported with its status and first words', async () => {
  let code = 502;
  await using server = await startApiServer({
    answer: (_request, response) => {
      response.writeHead(code, { 'Content-Type': 'text/html' });
      response.end('<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>');
    },
  });
  await using client = await connected(server);
  const refused = await failure(client.kube.get(PODS, 'x'));
  assert.match(
    refused.message,
    /^Error from server \(InternalError\): GET https:.*\/pods\/x answered 502, 502 Bad Gateway nginx$/,
  );
  assert.match(refused.hint ?? '', /not from a Kubernetes API server/);
  code = 200;
  const foreign = await failure(client.kube.get(PODS, 'x'));
  assert.match(foreign.message, /brought no JSON object: 502 Bad Gateway nginx$/);
  assert.ok(foreign instanceof ConnectionError);
});

test('a redirect is not followed but reported', async () => {
  await using server = await startApiServer({
    answer: (_request, response) => response.writeHead(302, { Location: 'https://login.invalid/' }).end(),
  });
  await using client = await connected(server);
  const error = await failure(client.kube.get(PODS, 'x'));
  assert.match(error.message, /answered 302, to https:\/\/login\.invalid\//);
});

test('a refused connection and an unknown host are reported as kubectl does', async () => {
  const flags = { server: 'https://127.0.0.1:1', token: 't' };
  const refused = await connectKube({ flags, env: {}, homeDir: '/nonexistent' });
  assert.equal(
    (await failure(refused.get(PODS, 'x'))).message,
    'The connection to the server 127.0.0.1:1 was refused - did you specify the right host or port?',
  );
  const notFound = Object.assign(new Error('getaddrinfo ENOTFOUND zeroloss.invalid'), { code: 'ENOTFOUND' });
  assert.equal(
    connectionErrorFrom(notFound, new URL('https://zeroloss.invalid:6443')).message,
    'Unable to connect to the server: dial tcp: lookup zeroloss.invalid: no such host',
  );
});

test('a server certificate from another CA, for another host, or expired is named', async () => {
  const cases = [
    {
      certificate: await (await testAuthority('other')).server(),
      told: /x509: certificate signed by unknown authority$/,
    },
    {
      hosts: ['example.com'],
      told: /x509: cannot validate certificate for 127\.0\.0\.1 because it doesn't contain any IP SANs$/,
    },
    {
      validity: { notBeforeMs: Date.now() - 7_200_000, notAfterMs: Date.now() - 3_600_000 },
      told: /x509: certificate has expired or is not yet valid$/,
    },
    {
      validity: { notBeforeMs: Date.now() + 3_600_000, notAfterMs: Date.now() + 7_200_000 },
      told: /x509: certificate has expired or is not yet valid$/,
    },
  ];
  for (const { certificate, hosts, validity, told } of cases) {
    const authority = await testAuthority();
    await using server = await startApiServer({
      authority,
      certificate: certificate ?? (await authority.server(hosts, validity)),
    });
    await using client = await connected(server);
    const error = await failure(client.kube.get(PODS, 'x'));
    assert.match(error.message, told);
    assert.match(error.message, /^Unable to connect to the server: tls: failed to verify certificate: /);
    assert.ok(error.hint);
  }
});

test('tls-server-name names the certificate to expect, an address too; skip-verify accepts any', async () => {
  const authority = await testAuthority();
  await using server = await startApiServer({
    authority,
    certificate: await authority.server(['example.com', '10.9.8.7']),
  });
  for (const name of ['example.com', '10.9.8.7']) {
    await using client = await connected(server, { cluster: { 'tls-server-name': name } });
    await client.kube.getText('/version');
  }
  await using wrong = await connected(server, { flags: { tlsServerName: '10.9.8.6' } });
  assert.match(
    (await failure(wrong.kube.getText('/version'))).message,
    /certificate is valid for 10\.9\.8\.7, not 10\.9\.8\.6$/,
  );
  await using careless = await connected(server, { flags: { insecureSkipTlsVerify: true } });
  await careless.kube.getText('/version');
});

test('HTTPS spoken to an HTTP server is reported as such', async () => {
  const plain = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n'));
  await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
  const { port } = plain.address() as AddressInfo;
  const kube = await connectKube({ flags: { server: `https://127.0.0.1:${port}` }, env: {}, homeDir: '/nonexistent' });
  const error = await failure(kube.getText('/version'));
  plain.close();
  assert.match(error.message, /server gave HTTP response to HTTPS client$/);
});

test('a server that wants a client certificate and gets none is reported as such', async () => {
  await using server = await startApiServer({ demandCertificate: true });
  await using client = await connected(server);
  const error = await failure(client.kube.getText('/version'));
  assert.match(error.message, /^Unable to connect to the server: remote error: tls: certificate required$/);
});

test('the plain 404 of an API server is a missing resource, as in kubectl', async () => {
  await using server = await startApiServer({
    answer: (_request, response) => response.writeHead(404).end('404 page not found\n'),
  });
  await using client = await connected(server);
  const error = await failure(client.kube.getText('/apis/nope/v1'));
  assert.equal(error.message, 'Error from server (NotFound): the server could not find the requested resource');
  assert.equal(error.hint, undefined);
});

test('HTTP spoken to an HTTPS server is reported as such', async () => {
  await using server = await startApiServer();
  const flags = { server: server.url.replace('https:', 'http:') };
  const kube = await connectKube({ flags, env: {}, homeDir: '/nonexistent', sleep: async () => undefined });
  const error = await failure(kube.getText('/version'));
  assert.match(error.message, /the server did not answer in HTTP$|was reset before/);
  assert.ok(error.hint);
});

test('a client certificate and a key that do not belong together, or are no PEM, are reported before anything is sent', async () => {
  await using server = await startApiServer();
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const [{ cert }, { key }] = [await server.authority.client('a'), await server.authority.client('b')];
  for (const [certificate, told] of [
    [cert, 'error: tls: private key does not match public key'],
    ['junk', 'error: tls: failed to find any PEM data in certificate input'],
  ] as const) {
    const user = { 'client-certificate-data': base64(certificate), 'client-key-data': base64(key) };
    await using client = await connected(server, { user });
    assert.equal((await failure(client.kube.getText('/version'))).message, told);
  }
  assert.equal(server.received.length, 0);
});

test('a certificate for another name is reported with the names it is for, and the one that was expected', async () => {
  await using server = await startApiServer();
  await using client = await connected(server, { cluster: { 'tls-server-name': 'kubernetes.default' } });
  const error = await failure(client.kube.get(PODS, 'x'));
  assert.match(error.message, /x509: certificate is valid for localhost.*, not kubernetes\.default$/);
});

test('an exec plugin of a version that kubectl has dropped is refused with the command that fixes it', async () => {
  await using server = await startApiServer();
  const exec = { apiVersion: 'client.authentication.k8s.io/v1alpha1', command: 'true' };
  const error = await failure(connected(server, { user: { exec } }));
  assert.equal(error.message, 'error: exec plugin: invalid apiVersion "client.authentication.k8s.io/v1alpha1"');
  assert.match(
    error.hint ?? '',
    /kubectl config set-credentials u --exec-api-version=client\.authentication\.k8s\.io\/v1beta1$/,
  );
});
