import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ConnectionFlags } from '../../../lib/kube/config/connection-flag-values.ts';
import { planConnection } from '../../../lib/kube/config/connection-plan.ts';
import { connectionProblems, refuseProblems } from '../../../lib/kube/config/connection-validate.ts';
import type { Kubeconfig, KubeconfigCluster, KubeconfigUser } from '../../../lib/kube/config/kubeconfig-model.ts';
import { parseServerUrl } from '../../../lib/kube/config/server-url.ts';
import { type ConnectKubeOptions, connectKube } from '../../../lib/kube/connect-kube.ts';
import { PODS } from '../../../lib/ports/resources.ts';
import { reply, startApiServer } from '../fixtures/api-server.ts';
import { temporaryFolder } from '../fixtures/connected.ts';

const CA: KubeconfigCluster = { server: 'https://c', certificateAuthorityData: 'Y2E=', tlsServerName: 'tls' };

function config(user: KubeconfigUser = { token: 't' }, cluster: KubeconfigCluster = CA): Kubeconfig {
  return {
    currentContext: 'main',
    clusters: new Map([
      ['c', cluster],
      ['d', { server: 'https://d' }],
    ]),
    users: new Map([
      ['u', user],
      ['v', { token: 'v' }],
    ]),
    contexts: new Map([
      ['main', { cluster: 'c', user: 'u', namespace: 'shop' }],
      ['anonymous', { cluster: 'c' }],
      ['lost', { cluster: 'gone', user: 'u' }],
      ['stranger', { cluster: 'c', user: 'gone' }],
    ]),
  };
}

test('the current context decides, and each flag overrides its own part', () => {
  const plan = planConnection(config(), {});
  assert.deepEqual(
    [plan.cluster.server, plan.user.token, plan.namespace, plan.context],
    ['https://c', 't', 'shop', 'main'],
  );
  const flags = { cluster: 'd', user: 'v', namespace: 'n' };
  const other = planConnection(config(), flags);
  assert.deepEqual([other.cluster.server, other.user.token, other.namespace], ['https://d', 'v', 'n']);
});

test('a context without a user keeps the CA and is anonymous', () => {
  const plan = planConnection(config(), { context: 'anonymous' });
  assert.deepEqual(plan.cluster, CA);
  assert.deepEqual(plan.user, {});
});

test('names that do not exist are refused, with what there is', () => {
  const cases: [ConnectionFlags, RegExp, RegExp | undefined][] = [
    [
      { context: 'nope' },
      /^Error in configuration: context was not found for specified context: nope$/,
      /anonymous, lost, main/,
    ],
    [{ cluster: 'nope' }, /^error: no server found for cluster "nope"$/, undefined],
    [{ user: 'nope' }, /^error: auth info "nope" does not exist$/, undefined],
    [{ context: 'lost' }, /^error: cluster "gone" does not exist$/, /context "lost" names it/],
    [{ context: 'stranger' }, /^error: auth info "gone" does not exist$/, /context "stranger" names it/],
  ];
  for (const [flags, message, hint] of cases) {
    assert.throws(
      () => planConnection(config(), flags),
      (error: Error & { hint?: string }) => {
        assert.match(error.message, message);
        if (hint) assert.match(error.hint ?? '', hint);
        return true;
      },
    );
  }
});

test('--server clears the TLS name of the file; --insecure-skip-tls-verify and --certificate-authority clear its CA', () => {
  assert.deepEqual(planConnection(config(), { server: 'https://e' }).cluster, {
    server: 'https://e',
    certificateAuthorityData: 'Y2E=',
  });
  assert.equal(planConnection(config(), { server: 'https://e', tlsServerName: 'n' }).cluster.tlsServerName, 'n');
  const careless = planConnection(config(), { insecureSkipTlsVerify: true });
  assert.deepEqual(careless.cluster, { server: 'https://c', tlsServerName: 'tls', insecureSkipTlsVerify: true });
  const otherCa = planConnection(config({}, { ...CA, insecureSkipTlsVerify: true }), { certificateAuthority: '/ca' });
  assert.deepEqual(otherCa.cluster, {
    server: 'https://c',
    tlsServerName: 'tls',
    insecureSkipTlsVerify: false,
    certificateAuthority: '/ca',
  });
  assert.deepEqual(connectionProblems(careless), []);
});

test('--token and the certificate flags override what the file says in any form', () => {
  const user: KubeconfigUser = { tokenFile: '/t', clientCertificateData: 'YQ==', clientKeyData: 'YQ==' };
  const flags = { token: 'x', clientCertificate: '/c', clientKey: '/k' };
  assert.deepEqual(planConnection(config(user), flags).user, { token: 'x', clientCertificate: '/c', clientKey: '/k' });
});

test('contradictions are refused in kubectl words, several at once as a list', () => {
  const told = (user: KubeconfigUser, cluster: KubeconfigCluster = CA): string => {
    try {
      refuseProblems(connectionProblems(planConnection(config(user, cluster), {})));
      return 'accepted';
    } catch (error) {
      return (error as Error).message;
    }
  };
  assert.equal(
    told({ token: 't', username: 'n', password: 'p' }),
    'error: more than one authentication method found for u; found [token basicAuth], only one is allowed',
  );
  assert.equal(
    told({ asGroups: ['g'] }),
    'error: requesting uid, groups or user-extra for u without impersonating a user',
  );
  assert.equal(
    told({ clientCertificateData: 'YQ==' }),
    'error: client-key-data or client-key must be specified for u to use the clientCert authentication method.',
  );
  assert.equal(
    told({}, { ...CA, proxyUrl: 'ftp://x:1' }),
    `error: invalid 'proxy-url' "ftp://x:1" for cluster "c": unsupported scheme "ftp", must be http, https, or socks5`,
  );
  const exec = { command: 'login', args: [], env: [], provideClusterInfo: false };
  assert.equal(
    told({ exec }),
    'Error in configuration: \n* apiVersion must be specified for u to use exec authentication plugin\n* interactiveMode must be specified for u to use exec authentication plugin',
  );
  assert.equal(told({ exec: { ...exec, apiVersion: 'client.authentication.k8s.io/v1beta1' } }), 'accepted');
  assert.equal(
    told({ exec: { ...exec, apiVersion: 'client.authentication.k8s.io/v1', interactiveMode: 'Sometimes' } }),
    'error: invalid interactiveMode for u: "Sometimes"',
  );
});

test('a server without scheme is https when TLS is configured, else http; a path stays as prefix', () => {
  assert.equal(parseServerUrl('10.0.0.1:6443', true).href, 'https://10.0.0.1:6443/');
  assert.equal(parseServerUrl('10.0.0.1:8001', false).href, 'http://10.0.0.1:8001/');
  assert.equal(parseServerUrl('https://h/k8s/clusters/c-1/', true).pathname, '/k8s/clusters/c-1');
  assert.throws(
    () => parseServerUrl('ftp://h', true),
    /^ConnectionError: Unable to connect to the server: unsupported protocol scheme "ftp"$/,
  );
  assert.throws(() => parseServerUrl('https://', true), /host must be a URL or a host:port pair/);
});

const connect = (options: Partial<ConnectKubeOptions>) =>
  connectKube({ flags: {}, env: {}, homeDir: '/nonexistent', ...options });

test('nothing configured is reported with the places that were read, before any network call', async () => {
  await assert.rejects(connect({}), {
    message:
      'error: no cluster to talk to: no context names a cluster; looked at /nonexistent/.kube/config (not there)',
  });
});

test('files that the configuration names and that are not there are reported in kubectl words', async () => {
  const server = 'https://127.0.0.1:1';
  await assert.rejects(connect({ flags: { server, certificateAuthority: '/nope' } }), {
    message: 'error: unable to read certificate-authority /nope for  due to open /nope: no such file or directory',
  });
  await assert.rejects(
    connect({ flags: { server, clientCertificate: '/nope', clientKey: '/nope' } }),
    /unable to read client-cert \/nope/,
  );
});

test('without a kubeconfig a pod uses its service account: server, CA, namespace, and a token that is read again', async () => {
  await using server = await startApiServer({
    answer: (_request, response) => reply(response, { metadata: { name: 'x' } }),
  });
  await using folder = await temporaryFolder();
  const put = (name: string, text: string) => writeFile(join(folder.path, name), text);
  await put('ca.crt', server.authority.ca);
  await put('namespace', 'my-ns\n');
  await put('token', 'first\n');
  const env = { KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: new URL(server.url).port };
  let now = 0;
  const kube = await connect({ env, serviceAccountFolder: folder.path, now: () => now });
  assert.equal(kube.namespace, 'my-ns');
  assert.equal(kube.serverUrl, `${server.url}/`);
  for (const [seconds, token] of [
    [0, 'second'],
    [59, 'third'],
    [60, 'fourth'],
  ] as const) {
    now = seconds * 1000;
    await kube.get(PODS, 'x');
    await put('token', token);
  }
  await kube.close();
  assert.deepEqual(
    server.received.map(({ headers }) => headers.authorization),
    ['Bearer first', 'Bearer first', 'Bearer third'],
  );
  const named = await connect({ env: { ...env, POD_NAMESPACE: 'pod-ns' }, serviceAccountFolder: folder.path });
  assert.equal(named.namespace, 'pod-ns');
});

test('in a pod a kubeconfig still decides the server; only an unsaid namespace comes from the pod', async () => {
  await using folder = await temporaryFolder();
  await writeFile(join(folder.path, 'token'), 't');
  await writeFile(join(folder.path, 'namespace'), 'my-ns');
  await mkdir(join(folder.path, '.kube'));
  const kubeconfig = join(folder.path, '.kube/config');
  const contexts = [
    { name: 'plain', context: { cluster: 'c' } },
    { name: 'spaced', context: { cluster: 'c', namespace: 'shop' } },
  ];
  await writeFile(
    kubeconfig,
    JSON.stringify({ contexts, clusters: [{ name: 'c', cluster: { server: 'https://c' } }] }),
  );
  const env = { KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: '1' };
  const seen: string[] = [];
  for (const context of ['plain', 'spaced']) {
    const kube = await connect({ flags: { kubeconfig, context }, env, serviceAccountFolder: folder.path });
    seen.push(kube.serverUrl, kube.namespace);
  }
  assert.deepEqual(seen, ['https://c/', 'my-ns', 'https://c/', 'shop']);
});

test('a 401 makes a token file be read again at once, and the request is repeated', async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, 'token');
  await using server = await startApiServer({
    answer: ({ headers }, response) =>
      headers.authorization === 'Bearer new' ? reply(response, { metadata: { name: 'x' } }) : reply(response, {}, 401),
  });
  await writeFile(file, 'old');
  const kubeconfig = join(folder.path, 'config');
  const ca = Buffer.from(server.authority.ca).toString('base64');
  const text = {
    'current-context': 'c',
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
    clusters: [{ name: 'c', cluster: { server: server.url, 'certificate-authority-data': ca } }],
    users: [{ name: 'u', user: { tokenFile: 'token' } }],
  };
  await writeFile(kubeconfig, JSON.stringify(text));
  const kube = await connect({ flags: { kubeconfig }, now: () => 0 });
  await assert.rejects(kube.get(PODS, 'x'), { httpStatus: 401 });
  await writeFile(file, 'new');
  await kube.get(PODS, 'x');
  await kube.close();
});
