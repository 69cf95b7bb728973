/** The auth-provider oidc against a provider over HTTPS, as client-go behaves (client-go, plugin/pkg/client/auth/oidc). */
import assert from 'node:assert/strict';
import { open, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { ConnectionError } from '../../lib/core/errors.ts';
import { connectKube } from '../../lib/kube/connect-kube.ts';
import { PODS } from '../../lib/ports/resources.ts';
import { reply, startApiServer, type TestApiServer } from './fixtures/api-server.ts';
import { connected, temporaryFolder } from './fixtures/connected.ts';
import { idToken, startIdentityProvider, type TestProvider } from './fixtures/identity-provider.ts';

const POD = { metadata: { name: 'x' } };
const startServer = () => startApiServer({ answer: (_request, response) => reply(response, POD) });
const base64 = (text: string) => Buffer.from(text).toString('base64');

const oidcUser = (provider: TestProvider, config: Record<string, string> = {}) => ({
  'auth-provider': {
    name: 'oidc',
    config: {
      'idp-issuer-url': provider.issuer,
      'client-id': 'kubernetes',
      'idp-certificate-authority-data': base64(provider.authority.ca),
      'refresh-token': 'refresh-1',
      ...config,
    },
  },
});

const authorizations = (server: TestApiServer) => server.received.map(({ headers }) => headers.authorization);

for (const [what, config] of [
  ['has expired', { 'id-token': idToken(-60) }],
  ['expires within ten seconds', { 'id-token': idToken(5) }],
  ['is not there', {}],
  ['is none', { 'id-token': 'nonsense' }],
] as const) {
  test(`an id token that ${what} is renewed by the refresh token, once for many requests`, async () => {
    await using server = await startServer();
    await using provider = await startIdentityProvider();
    const fresh = idToken(3600, 'fresh');
    provider.answer = () => ({ id_token: fresh });
    await using client = await connected(server, { user: oidcUser(provider, config) });
    await Promise.all([client.kube.get(PODS, 'x'), client.kube.get(PODS, 'x')]);
    await client.kube.get(PODS, 'x');
    assert.deepEqual(authorizations(server), Array(3).fill(`Bearer ${fresh}`));
    assert.deepEqual(provider.grants, [
      {
        fields: { grant_type: 'refresh_token', refresh_token: 'refresh-1', client_id: 'kubernetes' },
        authorization: undefined,
      },
    ]);
    assert.equal(
      client.traces.some((line) => /refresh-1|fresh/.test(line)),
      false,
    );
  });
}

test('a valid id token is sent as it is, and renewed when the server refuses it', async () => {
  await using server = await startServer();
  await using provider = await startIdentityProvider();
  const old = idToken(3600, 'old');
  await using client = await connected(server, { user: oidcUser(provider, { 'id-token': old }) });
  await client.kube.get(PODS, 'x');
  assert.deepEqual(authorizations(server), [`Bearer ${old}`]);
  assert.equal(provider.grants.length, 0);
  server.answer = ({ headers }, response) =>
    reply(response, POD, headers.authorization === `Bearer ${old}` ? 401 : 200);
  await client.kube.get(PODS, 'x');
  assert.equal(provider.grants.length, 1);
});

test('a client secret goes in the header, and in the body where the provider wants it there', async () => {
  await using server = await startServer();
  await using provider = await startIdentityProvider();
  const user = oidcUser(provider, { 'client-secret': 's/cret:' });
  await using first = await connected(server, { user });
  await first.kube.get(PODS, 'x');
  provider.wantsSecretInBody = true;
  await using second = await connected(server, { user });
  await second.kube.get(PODS, 'x');
  const fields = { grant_type: 'refresh_token', refresh_token: 'refresh-1' };
  const authorization = `Basic ${base64('kubernetes:s%2Fcret%3A')}`;
  assert.deepEqual(provider.grants, [
    { fields, authorization },
    { fields, authorization },
    { fields: { ...fields, client_id: 'kubernetes', client_secret: 's/cret:' }, authorization: undefined },
  ]);
});

test("the provider's certificate is checked against idp-certificate-authority, a file too", async () => {
  await using folder = await temporaryFolder();
  await using server = await startServer();
  await using provider = await startIdentityProvider();
  const file = join(folder.path, 'idp.crt');
  await writeFile(file, provider.authority.ca);
  const byFile = { 'idp-certificate-authority-data': '', 'idp-certificate-authority': file };
  await using client = await connected(server, { user: oidcUser(provider, byFile) });
  await client.kube.get(PODS, 'x');
  for (const [wrong, told] of [
    [{ 'idp-certificate-authority-data': base64(server.authority.ca) }, /oidc: .*signed by unknown authority$/],
    [
      { ...byFile, 'idp-certificate-authority': `${file}.none` },
      /oidc: .*idp-certificate-authority .* cannot be read: there is no such file/,
    ],
  ] as const) {
    await using refused = await connected(server, { user: oidcUser(provider, wrong) });
    await assert.rejects(refused.kube.get(PODS, 'x'), told);
  }
});

test('nothing is ever sent without a token: what cannot be renewed is an error with what to do', async () => {
  await using server = await startServer();
  await using provider = await startIdentityProvider();
  const cases: [Record<string, string>, TestProvider['answer'] | undefined, RegExp][] = [
    [{ 'refresh-token': '' }, undefined, /No valid id-token, and cannot refresh without refresh-token$/],
    [{ 'idp-issuer-url': '' }, undefined, /Must provide idp-issuer-url$/],
    [{ 'client-id': '' }, undefined, /Must provide client-id$/],
    [{ 'idp-issuer-url': 'nonsense' }, undefined, /idp-issuer-url "nonsense" is not an http\(s\) URL$/],
    [{ 'idp-issuer-url': `${provider.issuer}/none` }, undefined, /openid-configuration answered 404$/],
    [{ 'refresh-token': 'used' }, undefined, /failed to refresh token: oauth2: "invalid_grant" "Token is not active"$/],
    [{}, () => ({}), /token response did not contain an id_token/],
    [{}, () => ({ status: 500 }), /failed to refresh token: oauth2: cannot fetch token: .* answered 500$/],
  ];
  for (const [config, answer, told] of cases) {
    if (answer !== undefined) provider.answer = answer;
    await using client = await connected(server, { user: oidcUser(provider, config) });
    await assert.rejects(client.kube.get(PODS, 'x'), (error) => {
      assert.ok(error instanceof ConnectionError);
      assert.match(error.message, told);
      assert.match(error.message, /^Unable to connect to the server: getting credentials: oidc: /);
      assert.match(error.hint ?? '', /log in again/);
      return true;
    });
  }
  assert.equal(server.received.length, 0);
});

/** A kubeconfig in YAML with comments; `text` may differ from it in the refresh token. */
async function kubeconfigFile(folder: string, server: TestApiServer, provider: TestProvider, old: string) {
  const file = join(folder, 'config');
  const text = `# mine
current-context: test
clusters:
- name: c
  cluster: {server: "${server.url}", certificate-authority-data: ${base64(server.authority.ca)}}
contexts:
- {name: test, context: {cluster: c, user: u}}
users:
- name: u
  user:
    auth-provider:
      name: oidc
      config:
        client-id: kubernetes
        idp-issuer-url: ${provider.issuer}
        idp-certificate-authority-data: ${base64(provider.authority.ca)}
        id-token: ${old} # the last one
        refresh-token: refresh-1
`;
  await writeFile(file, text, { mode: 0o640 });
  return { file, text };
}

async function getOnce(file: string): Promise<string[]> {
  const warnings: string[] = [];
  const kube = await connectKube({ flags: { kubeconfig: file }, env: {}, warn: (line) => warnings.push(line) });
  await kube.get(PODS, 'x');
  await kube.close();
  return warnings;
}

test('a refresh token that the provider has replaced is written to the kubeconfig, and nothing else in it changes', async () => {
  await using folder = await temporaryFolder();
  await using server = await startServer();
  await using provider = await startIdentityProvider();
  const [old, fresh] = [idToken(-60, 'old'), idToken(3600, 'fresh')];
  const { file, text } = await kubeconfigFile(folder.path, server, provider, old);

  provider.answer = () => ({ id_token: fresh });
  assert.deepEqual(await getOnce(file), []);
  assert.equal(await readFile(file, 'utf8'), text, 'the same refresh token goes on: the file stays as it is');

  provider.answer = () => ({ id_token: fresh, refresh_token: 'refresh-2' });
  assert.deepEqual(await getOnce(file), []);
  assert.equal(await readFile(file, 'utf8'), text.replace(old, fresh).replace('refresh-1', 'refresh-2'));
  assert.equal((await stat(file)).mode & 0o777, 0o640);
  await assert.rejects(stat(`${file}.lock`), /ENOENT/);

  provider.refreshToken = 'refresh-2';
  assert.deepEqual(await getOnce(file), [], 'and the next command goes on with it');
});

for (const [what, spoil] of [
  ['that kubectl is writing', (file: string) => writeFile(`${file}.lock`, '')],
  [
    'whose new token would break it',
    async (_file: string, provider: TestProvider) => {
      provider.answer = () => ({ id_token: idToken(3600), refresh_token: '&anchor: *none' });
    },
  ],
] as const) {
  test(`a kubeconfig ${what} is left alone with a warning, and the command goes on`, async () => {
    await using folder = await temporaryFolder();
    await using server = await startServer();
    await using provider = await startIdentityProvider();
    provider.answer = () => ({ id_token: idToken(3600), refresh_token: 'refresh-2' });
    const { file, text } = await kubeconfigFile(folder.path, server, provider, idToken(-60));
    await spoil(file, provider);
    const [warning = ''] = await getOnce(file);
    assert.match(warning, /replaced the refresh token of user "u".*could not be written to .*config.*log in again/);
    assert.doesNotMatch(warning, /refresh-2|anchor/);
    assert.equal(await readFile(file, 'utf8'), text);
    assert.equal(server.received.length, 1);
  });
}

test('a kubeconfig that cannot be written, not even by root, is used with a warning', async () => {
  await using folder = await temporaryFolder();
  await using server = await startServer();
  await using provider = await startIdentityProvider();
  provider.answer = () => ({ id_token: idToken(3600), refresh_token: 'refresh-2' });
  const { file, text } = await kubeconfigFile(folder.path, server, provider, idToken(-60));
  await using handle = await open(file);
  // As a shell hands it over: `--kubeconfig <(command)`. No lock file can lie beside it.
  const [warning = ''] = await getOnce(`/dev/fd/${handle.fd}`);
  assert.match(warning, /could not be written to \/dev\/fd\/\d+ \(E[A-Z]+\): log in again/);
  assert.equal(await readFile(file, 'utf8'), text);
  assert.equal(server.received.length, 1);
});
