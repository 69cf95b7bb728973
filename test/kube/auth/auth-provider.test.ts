import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PODS } from '../../../lib/ports/resources.ts';
import { reply, startApiServer } from '../fixtures/api-server.ts';
import { connected } from '../fixtures/connected.ts';

const base64url = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

test('an OIDC auth-provider sends its id token while it is valid', async () => {
  await using server = await startApiServer({
    answer: (_request, response) => reply(response, { metadata: { name: 'x' } }),
  });
  const idToken = `${base64url({ alg: 'none' })}.${base64url({ exp: Math.floor(Date.now() / 1000) + 3600 })}.x`;
  const user = { 'auth-provider': { name: 'oidc', config: { 'id-token': idToken, 'client-id': 'c' } } };
  await using client = await connected(server, { user });
  await client.kube.get(PODS, 'x');
  assert.equal(server.received[0]?.headers.authorization, `Bearer ${idToken}`);
});

test('auth-providers that kubectl removed are refused with their successor', async () => {
  await using server = await startApiServer();
  for (const [name, message, hint] of [
    ['gcp', 'error: The gcp auth plugin has been removed.', /gke-gcloud-auth-plugin/],
    ['azure', 'error: The azure auth plugin has been removed.', /kubelogin/],
    ['other', 'error: no Auth Provider found for name "other"', /oidc/],
  ] as const) {
    await assert.rejects(
      connected(server, { user: { 'auth-provider': { name } } }),
      (error: Error & { hint: string }) => {
        assert.equal(error.message, message);
        assert.match(error.hint, hint);
        return true;
      },
    );
  }
});
