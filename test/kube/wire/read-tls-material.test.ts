/** Plain certificates and tokens are read by us, not by KubeConfig; this compares the two, so that the short way stays the same way. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import type { RequestOptions } from 'node:https';
import { join } from 'node:path';
import { test } from 'node:test';
import { KubeConfig } from '@kubernetes/client-node';
import { fixedCredentials, tokenFileCredentials } from '../../../lib/kube/auth/credentials.ts';
import { planConnection } from '../../../lib/kube/config/connection-plan.ts';
import { loadKubeconfig } from '../../../lib/kube/config/kubeconfig-load.ts';
import { readTlsMaterial } from '../../../lib/kube/wire/read-tls-material.ts';
import { temporaryFolder } from '../fixtures/connected.ts';
import { testAuthority } from '../fixtures/pki.ts';

test('CA, certificate, key, TLS name, skip-verify and Authorization equal those of KubeConfig', async () => {
  await using folder = await temporaryFolder();
  const authority = await testAuthority();
  const { cert, key } = await authority.client('admin');
  const texts = { 'ca.crt': authority.ca, 'c.crt': cert, 'c.key': key, token: 'from-a-file' };
  for (const [name, text] of Object.entries(texts)) await writeFile(join(folder.path, name), text);
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const clusters = {
    data: { 'certificate-authority-data': base64(authority.ca), 'tls-server-name': 'name' },
    file: { 'certificate-authority': 'ca.crt' },
    careless: { 'insecure-skip-tls-verify': true },
    system: {},
  };
  const users = {
    data: { 'client-certificate-data': base64(cert), 'client-key-data': base64(key) },
    file: { 'client-certificate': 'c.crt', 'client-key': 'c.key' },
    token: { token: 'a-token' },
    both: { token: 'a-token', 'client-certificate': 'c.crt', 'client-key': 'c.key' },
    tokenFile: { 'auth-provider': { name: 'tokenFile', config: { tokenFile: join(folder.path, 'token') } } },
    nobody: {},
  };
  const file = join(folder.path, 'config');
  const pairs = Object.keys(clusters).flatMap((cluster) => Object.keys(users).map((user) => ({ cluster, user })));
  const config = {
    clusters: Object.entries(clusters).map(([name, fields]) => ({ name, cluster: { server: 'https://h', ...fields } })),
    users: Object.entries(users).map(([name, user]) => ({ name, user })),
    contexts: pairs.map((pair) => ({ name: `${pair.cluster}-${pair.user}`, context: pair })),
  };
  await writeFile(file, JSON.stringify(config));
  const { config: ours } = await loadKubeconfig({ explicitFile: file, env: {} });
  for (const { cluster, user } of pairs) {
    const context = `${cluster}-${user}`;
    const theirs = new KubeConfig();
    theirs.loadFromFile(file);
    theirs.setCurrentContext(context);
    const expected: RequestOptions = {};
    await theirs.applyToHTTPSOptions(expected);
    const plan = planConnection(ours, { context });
    const { material, problems } = await readTlsMaterial(plan);
    // KubeConfig knows token files only as an auth-provider, client-go as a field of the user.
    const tokenFile = plan.user.authProvider?.config['tokenFile'];
    const credentials = tokenFile ? tokenFileCredentials(tokenFile, undefined, Date.now) : fixedCredentials(plan.user);
    const { authorization } = await credentials.current();
    assert.deepEqual(problems, []);
    assert.deepEqual(
      { ...material, authorization },
      {
        ...(expected.ca && { ca: expected.ca }),
        ...(expected.cert && { cert: expected.cert }),
        ...(expected.key && { key: expected.key }),
        ...(expected.servername && { servername: expected.servername }),
        ...(expected.rejectUnauthorized === false && { rejectUnauthorized: false }),
        authorization: (expected.headers as Record<string, string> | undefined)?.['Authorization'],
      },
      context,
    );
  }
});
