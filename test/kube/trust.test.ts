/** The certificates that a certificate-authority may hold: as in Go, each is trusted by itself (crypto/x509, CertPool). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PODS } from '../../lib/ports/resources.ts';
import { reply, startApiServer } from './fixtures/api-server.ts';
import { connected } from './fixtures/connected.ts';
import { testAuthority } from './fixtures/pki.ts';
import { startProxy } from './fixtures/proxy.ts';

const POD = { metadata: { name: 'x' } };
const root = await testAuthority('root');
const intermediate = await testAuthority('intermediate', root);
const certificate = await intermediate.server();

for (const [what, trusted, sent] of [
  ['an intermediate', intermediate.ca, certificate.cert],
  ['an intermediate that the server sends too', intermediate.ca, certificate.cert + intermediate.ca],
  ["the server's own certificate", certificate.cert, certificate.cert],
  ["the root of a server's chain", root.ca, certificate.cert + intermediate.ca],
] as const) {
  test(`${what} is trusted, straight and through proxies`, async () => {
    await using server = await startApiServer({
      authority: intermediate,
      certificate: { ...certificate, cert: sent },
      answer: (_request, response) => reply(response, POD),
    });
    await using proxy = await startProxy(Number(new URL(server.url).port));
    const data = { 'certificate-authority-data': Buffer.from(trusted).toString('base64') };
    for (const way of [{}, { 'proxy-url': proxy.url }, { 'proxy-url': proxy.socksUrl }]) {
      await using client = await connected(server, { cluster: { ...data, ...way } });
      assert.deepEqual(await client.kube.get(PODS, 'x'), POD);
    }
  });
}

test('a chain that ends elsewhere is refused, straight and through proxies', async () => {
  await using server = await startApiServer({ authority: intermediate, certificate });
  await using proxy = await startProxy(Number(new URL(server.url).port));
  const data = {
    'certificate-authority-data': Buffer.from((await testAuthority('intermediate', root)).ca).toString('base64'),
  };
  for (const way of [{}, { 'proxy-url': proxy.url }, { 'proxy-url': proxy.socksUrl }]) {
    await using client = await connected(server, { cluster: { ...data, ...way } });
    await assert.rejects(client.kube.get(PODS, 'x'), /x509: certificate signed by unknown authority$/);
  }
});
