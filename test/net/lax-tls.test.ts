/** NODE_TLS_REJECT_UNAUTHORIZED=0 in the environment of the process: every connection is verified all the same. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openWire } from '../../lib/clb/calls/cloud-wire.ts';
import { queryGate } from '../../lib/gates/query-gate.ts';
import { refreshTokens } from '../../lib/kube/auth/oidc-refresh.ts';
import { PODS } from '../../lib/ports/resources.ts';
import { reply, startApiServer } from '../kube/fixtures/api-server.ts';
import { connected } from '../kube/fixtures/connected.ts';
import { testAuthority } from '../kube/fixtures/pki.ts';
import { startProxy } from '../kube/fixtures/proxy.ts';

const VARIABLE = 'NODE_TLS_REJECT_UNAUTHORIZED';
const former = process.env[VARIABLE];

before(() => {
  process.env[VARIABLE] = '0';
});
after(() => {
  if (former === undefined) delete process.env[VARIABLE];
  else process.env[VARIABLE] = former;
});

const other = Buffer.from((await testAuthority('another')).ca).toString('base64');
const UNKNOWN = /unknown authority|self.signed|unable to verify|unable to get/i;

test('a cluster with a certificate of another authority gets no token, by request or exec, straight or through proxies', async () => {
  await using server = await startApiServer({
    answer: (_request, response) => reply(response, { metadata: { name: 'x' } }),
  });
  await using proxy = await startProxy(Number(new URL(server.url).port));
  for (const way of [{}, { 'proxy-url': proxy.url }, { 'proxy-url': proxy.socksUrl }]) {
    await using client = await connected(server, { cluster: { 'certificate-authority-data': other, ...way } });
    await assert.rejects(client.kube.get(PODS, 'x'), UNKNOWN);
    await assert.rejects(client.kube.exec('x', 'main', ['true']), UNKNOWN);
  }
  assert.deepEqual(server.received, []);
});

test('insecure-skip-tls-verify of the kubeconfig still does what it says', async () => {
  await using server = await startApiServer({
    answer: (_request, response) => reply(response, { metadata: { name: 'x' } }),
  });
  const cluster = { 'certificate-authority-data': undefined, 'insecure-skip-tls-verify': true };
  await using client = await connected(server, { cluster });
  assert.deepEqual(await client.kube.get(PODS, 'x'), { metadata: { name: 'x' } });
});

test('an identity provider, the cloud and Prometheus with a certificate that is not trusted are not asked', async () => {
  await using server = await startApiServer();
  const config = { 'idp-issuer-url': server.url, 'client-id': 'c' };
  await assert.rejects(refreshTokens(config, 'refresh', {}, new AbortController().signal), UNKNOWN);
  const send = openWire({
    endpointOf: () => ({ protocol: 'https://', host: new URL(server.url).host }),
    env: {},
    timeoutMs: 5000,
  });
  const credential = { secretId: 'id', secretKey: 'key' };
  await assert.rejects(
    send({ service: 'clb', action: 'DescribeTargets', params: {}, region: 'r', credential, signal: undefined }),
    (error) => error instanceof Error && 'failure' in error && UNKNOWN.test(JSON.stringify(error.failure)),
  );
  const gate = queryGate('up', new URL(server.url), {});
  await assert.rejects(gate.failsBecause(new AbortController().signal), UNKNOWN);
  assert.deepEqual(server.received, []);
});
