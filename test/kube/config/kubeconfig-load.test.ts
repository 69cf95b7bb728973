import assert from 'node:assert/strict';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { test } from 'node:test';
import { loadKubeconfig } from '../../../lib/kube/config/kubeconfig-load.ts';
import { temporaryFolder } from '../fixtures/connected.ts';

const FIRST = `
apiVersion: v1
kind: Config
current-context: one
clusters:
- name: c
  cluster: {server: "https://first", certificate-authority: pki/ca.crt}
contexts:
- name: one
  context: {cluster: c, user: u, namespace: ns-one}
users:
- name: u
  user:
    client-certificate: ../client.crt
    client-key: /absolute/client.key
    exec: {command: ./bin/login, apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never}
`;

const SECOND = `
current-context: two
clusters:
- name: c
  cluster: {server: "https://second", tls-server-name: second}
contexts:
- name: one
  context: {cluster: c, user: other}
- name: two
  context: {cluster: c, user: other}
users:
- name: other
  user: {tokenFile: token, exec: null}
`;

async function files(folder: string, texts: Record<string, string>): Promise<string[]> {
  for (const [name, text] of Object.entries(texts)) await writeFile(join(folder, name), text);
  return Object.keys(texts).map((name) => join(folder, name));
}

test('files of KUBECONFIG are merged first-wins, whole entry by whole entry, and missing ones are skipped', async () => {
  await using folder = await temporaryFolder();
  const list = [
    '',
    '/nonexistent/config',
    ...(await files(folder.path, { a: FIRST, b: SECOND })),
    '/nonexistent/config',
  ];
  const warnings: string[] = [];
  const env = { KUBECONFIG: list.join(delimiter) };
  const { config } = await loadKubeconfig({ env, warn: (line) => warnings.push(line) });
  assert.equal(config.currentContext, 'one');
  assert.deepEqual(config.clusters.get('c'), {
    server: 'https://first',
    certificateAuthority: join(folder.path, 'pki/ca.crt'),
  });
  assert.deepEqual(config.contexts.get('one'), { cluster: 'c', user: 'u', namespace: 'ns-one' });
  assert.deepEqual([...config.contexts.keys()].sort(), ['one', 'two']);
  assert.deepEqual(warnings, []);
});

test('relative paths are taken from the folder of the file that has them, an exec command only with a slash in it', async () => {
  await using folder = await temporaryFolder();
  const [file = ''] = await files(folder.path, { a: FIRST.replace('./bin/login', 'login') });
  const { config } = await loadKubeconfig({ explicitFile: file, env: {} });
  const user = config.users.get('u');
  assert.equal(user?.clientCertificate, join(folder.path, '../client.crt'));
  assert.equal(user?.clientKey, '/absolute/client.key');
  assert.equal(user?.exec?.command, 'login');
  await writeFile(file, FIRST);
  const again = await loadKubeconfig({ explicitFile: file, env: {} });
  assert.equal(again.config.users.get('u')?.exec?.command, join(folder.path, 'bin/login'));
});

test('without KUBECONFIG the file in the home folder counts, and --kubeconfig shuts out both', async () => {
  await using folder = await temporaryFolder();
  await mkdir(join(folder.path, '.kube'));
  await files(join(folder.path, '.kube'), { config: FIRST });
  const [other = ''] = await files(folder.path, { other: SECOND });
  for (const source of [{ homeDir: folder.path, env: {} }, { env: { HOME: folder.path, KUBECONFIG: '' } }]) {
    assert.equal((await loadKubeconfig(source)).config.currentContext, 'one');
  }
  const source = { explicitFile: other, homeDir: folder.path, env: { KUBECONFIG: join(folder.path, '.kube/config') } };
  assert.equal((await loadKubeconfig(source)).config.currentContext, 'two');
});

test('a --kubeconfig that is not there is an error; a KUBECONFIG of which nothing is there is a warning', async () => {
  await assert.rejects(loadKubeconfig({ explicitFile: '/nonexistent/x', env: {} }), {
    message: 'error: stat /nonexistent/x: no such file or directory',
  });
  const warnings: string[] = [];
  const env = { KUBECONFIG: '/nonexistent/x' };
  const { config } = await loadKubeconfig({ env, warn: (line) => warnings.push(line) });
  assert.equal(config.contexts.size, 0);
  assert.deepEqual(warnings, ['Config not found: /nonexistent/x']);
});

test('an empty file, a file with null sections and JSON are kubeconfigs too', async () => {
  await using folder = await temporaryFolder();
  const json = JSON.stringify({ 'current-context': 'j', contexts: [{ name: 'j', context: { cluster: 'c' } }] });
  const texts = { empty: '', blank: ' \n# nothing\n', nulls: 'clusters: null\nusers:\ncontexts: []\n', json };
  const { config } = await loadKubeconfig({
    env: { KUBECONFIG: (await files(folder.path, texts)).join(delimiter) },
  });
  assert.equal(config.currentContext, 'j');
  assert.deepEqual(config.contexts.get('j'), { cluster: 'c' });
});

test('YAML that kubectl takes is taken: a key twice, merged mappings, and the booleans of YAML 1.1', async () => {
  await using folder = await temporaryFolder();
  const text = `
current-context: first
current-context: second
clusters:
- name: a
  cluster: &reach {server: "https://a", insecure-skip-tls-verify: yes, disable-compression: Off}
- name: b
  cluster: {<<: *reach, server: "https://b"}
`;
  const [file = ''] = await files(folder.path, { text });
  const { config } = await loadKubeconfig({ explicitFile: file, env: {} });
  assert.equal(config.currentContext, 'second');
  const reach = { insecureSkipTlsVerify: true, disableCompression: false };
  assert.deepEqual(config.clusters.get('a'), { server: 'https://a', ...reach });
  assert.deepEqual(config.clusters.get('b'), { server: 'https://b', ...reach });
});

test('a file that cannot be understood is refused with its name and the field', async () => {
  await using folder = await temporaryFolder();
  const cases: [string, RegExp][] = [
    ['not: [valid', /yaml: /],
    ['- a list', /kubeconfig must be a mapping, not a list$/],
    ['users: {u: {token: t}}', /kubeconfig\.users must be a list, not a mapping$/],
    [
      'users: [{name: u, user: {token: 123}}]',
      /users\[0\]\.user\.token must be a string, not a number; put it in quotes$/,
    ],
    ['clusters: [{name: c, cluster: {insecure-skip-tls-verify: maybe}}]', /must be true or false, not a string$/],
    ['clusters: [{name: c, cluster: {insecure-skip-tls-verify: {toString: 1}}}]', /must be true or false, not a map/],
    [
      'clusters: [{name: c, cluster: {certificate-authority-data: "***"}}]',
      /certificate-authority-data is not base64$/,
    ],
    ['contexts: [{name: a}, {name: a}]', /duplicate name "a" in contexts$/],
  ];
  for (const [text, told] of cases) {
    const [file = ''] = await files(folder.path, { bad: text });
    await assert.rejects(loadKubeconfig({ explicitFile: file, env: {} }), (error: Error) => {
      assert.ok(error.message.startsWith(`error: error loading config file "${file}": `), error.message);
      assert.match(error.message, told);
      return true;
    });
  }
});

test('a folder, or a file without permission, is an error and not a missing file', async (context) => {
  await using folder = await temporaryFolder();
  await assert.rejects(loadKubeconfig({ env: { KUBECONFIG: folder.path } }), /is a directory$/);
  if (process.getuid?.() === 0) return context.diagnostic('permissions do not bind root');
  const [file = ''] = await files(folder.path, { a: FIRST });
  await chmod(file, 0);
  await assert.rejects(loadKubeconfig({ env: { KUBECONFIG: file } }), /permission denied$/);
});
