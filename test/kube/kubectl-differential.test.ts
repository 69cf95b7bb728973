/** The same files, environment and flags given to the real kubectl and to us must lead to the same place, or to the same words. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { planConnection } from '../../lib/kube/config/connection-plan.ts';
import { loadKubeconfig } from '../../lib/kube/config/kubeconfig-load.ts';
import { type ConnectionFlags, connectKube } from '../../lib/kube/connect-kube.ts';
import { PODS } from '../../lib/ports/resources.ts';
import { findKubectl } from '../kubectl.ts';
import { temporaryFolder } from './fixtures/connected.ts';

const kubectl = findKubectl();
const skip = kubectl === undefined && 'kubectl is not there: set KUBECTL or put it on PATH';

const A = `
current-context: main
clusters:
- {name: c, cluster: {server: "https://127.0.0.1:1", insecure-skip-tls-verify: true}}
- {name: pki, cluster: {server: "https://127.0.0.1:1", certificate-authority: pki/ca.crt}}
- {name: junk, cluster: {server: "https://127.0.0.1:1", certificate-authority: junk.pem}}
- {name: both, cluster: {server: "https://127.0.0.1:1", certificate-authority: junk.pem, insecure-skip-tls-verify: true}}
- {name: ftp-proxy, cluster: {server: "https://127.0.0.1:1", proxy-url: "ftp://p:1"}}
- {name: ftp, cluster: {server: "ftp://127.0.0.1:1"}}
- {name: path, cluster: {server: "http://127.0.0.1:1/a/b"}}
contexts:
- {name: main, context: {cluster: c, user: u, namespace: shop}}
- {name: pki, context: {cluster: pki, user: cert}}
users:
- {name: u, user: {token: t}}
- {name: cert, user: {client-certificate: ../c.crt, client-key: /k.key}}
- {name: half, user: {client-certificate-data: YWJj}}
- {name: double, user: {token: x, username: jane, password: secret}}
- {name: group, user: {token: x, as-groups: [g]}}
- {name: no-file, user: {client-certificate: nope.crt, client-key: nope.key}}
- {name: no-version, user: {exec: {command: login}}}
- {name: no-mode, user: {exec: {command: login, apiVersion: client.authentication.k8s.io/v1}}}
- {name: bad-mode, user: {exec: {command: login, apiVersion: client.authentication.k8s.io/v1, interactiveMode: Sometimes}}}
- {name: always, user: {exec: {command: "false", apiVersion: client.authentication.k8s.io/v1, interactiveMode: Always}}}
- {name: fails, user: {exec: {command: "false", apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never}}}
`;

const B = `
current-context: second
clusters:
- {name: c, cluster: {server: "https://127.0.0.1:2", tls-server-name: b}}
contexts:
- {name: main, context: {cluster: c, user: b, namespace: other}}
- {name: second, context: {cluster: c, user: b, namespace: other}}
users:
- {name: b, user: {token: b}}
`;

interface World {
  path: string;
  env: Record<string, string>;
}

async function world(): Promise<AsyncDisposable & World> {
  const folder = await temporaryFolder();
  const texts = { a: A, b: B, 'junk.pem': 'junk', broken: 'users: {', number: 'users: [{name: u, user: {token: 1}}]' };
  for (const [name, text] of Object.entries(texts)) await writeFile(join(folder.path, name), text);
  const env = { HOME: folder.path, PATH: process.env['PATH'] ?? '', KUBECONFIG: files(folder.path, 'a') };
  return { ...folder, env };
}

const files = (folder: string, ...names: string[]) => names.map((name) => resolve(folder, name)).join(delimiter);

async function runKubectl(at: World, args: readonly string[]): Promise<{ stdout: string; stderr: string }> {
  const options = { env: at.env, cwd: at.path };
  const running = promisify(execFile)(kubectl ?? '', args, options);
  running.child.stdin?.end();
  return await running.catch((error: { stdout: string; stderr: string }) => error);
}

interface View {
  'current-context': string;
  clusters: { cluster: Record<string, unknown> }[] | null;
  contexts: { context: { namespace?: string } }[] | null;
  users: { user: Record<string, unknown> }[] | null;
}

test('kubectl config view --minify shows the connection that we plan', { skip }, async () => {
  await using at = await world();
  const lists = [['a'], ['a', 'b'], ['b', 'a'], ['nope', 'b', 'a', 'a']];
  const cases = [
    ...lists.map((names) => ({ names, flags: {} as ConnectionFlags, args: [] as string[] })),
    { names: ['a', 'b'], flags: { context: 'second' }, args: ['--context=second'] },
    { names: ['a'], flags: { context: 'pki' }, args: ['--context=pki'] },
  ];
  for (const { names, flags, args } of cases) {
    at.env['KUBECONFIG'] = files(at.path, ...names);
    const { stdout } = await runKubectl(at, ['config', 'view', '--minify', '--raw', '-o', 'json', ...args]);
    const view = JSON.parse(stdout) as View;
    const { config } = await loadKubeconfig({ env: at.env });
    const plan = planConnection(config, flags);
    const absolute = (path: unknown) => (typeof path === 'string' ? resolve(at.path, path) : undefined);
    const cluster = view.clusters?.[0]?.cluster ?? {};
    const user = view.users?.[0]?.user ?? {};
    assert.deepEqual(
      [
        plan.context,
        plan.namespace,
        plan.cluster.server,
        plan.cluster.tlsServerName,
        plan.cluster.certificateAuthority,
      ],
      [
        view['current-context'],
        view.contexts?.[0]?.context.namespace,
        cluster['server'],
        cluster['tls-server-name'],
        absolute(cluster['certificate-authority']),
      ],
      `${names} ${args}`,
    );
    assert.deepEqual(
      [plan.user.token, plan.user.clientCertificate, plan.user.clientKey],
      [user['token'], absolute(user['client-certificate']), absolute(user['client-key'])],
      `${names} ${args}`,
    );
  }
});

test('a refusal of kubectl is ours too, in its words', { skip }, async () => {
  await using at = await world();
  const missing = join(at.path, 'missing');
  const cases: { flags?: ConnectionFlags; kubeconfig?: string }[] = [
    {},
    { flags: { context: 'nope' } },
    { flags: { cluster: 'nope' } },
    { flags: { user: 'nope' } },
    { flags: { user: 'half' } },
    { flags: { user: 'double' } },
    { flags: { user: 'group' } },
    { flags: { user: 'no-file' } },
    { flags: { user: 'no-version' } },
    { flags: { user: 'no-mode' } },
    { flags: { user: 'bad-mode' } },
    { flags: { user: 'always' } },
    { flags: { user: 'fails' } },
    { flags: { cluster: 'junk' } },
    { flags: { cluster: 'both' } },
    { flags: { cluster: 'ftp-proxy' } },
    { flags: { cluster: 'ftp' } },
    { flags: { cluster: 'path' } },
    { flags: { certificateAuthority: missing } },
    { flags: { clientCertificate: missing } },
    { flags: { asGroup: ['g'] } },
    { flags: { kubeconfig: missing } },
    { flags: { server: '127.0.0.1:1' } },
    { kubeconfig: '.' },
  ];
  for (const { flags = {}, kubeconfig = 'a' } of cases) {
    at.env['KUBECONFIG'] = files(at.path, kubeconfig);
    const args = Object.entries(flags).flatMap(([name, value]) => [`--${kebab(name)}`, String(value)]);
    const { stderr } = await runKubectl(at, ['get', 'pods', ...args]);
    assert.equal(await ourFailure(at, flags), kubectlFailure(stderr), JSON.stringify({ flags, kubeconfig }));
  }
});

test('a file that kubectl cannot load we cannot either, and both name it', { skip }, async () => {
  await using at = await world();
  for (const name of ['broken', 'number']) {
    at.env['KUBECONFIG'] = files(at.path, name);
    const { stderr } = await runKubectl(at, ['get', 'pods']);
    const prefix = `error: error loading config file "${join(at.path, name)}": `;
    assert.ok(stderr.startsWith(prefix), stderr);
    assert.ok((await ourFailure(at, {})).startsWith(prefix));
  }
});

const kebab = (name: string) => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** kubectl's own last words, without the discovery client's log lines. */
function kubectlFailure(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => line !== '' && !/^[EWI]\d{4} /.test(line));
  return lines.join('\n');
}

async function ourFailure(at: World, flags: ConnectionFlags): Promise<string> {
  try {
    const kube = await connectKube({ flags, env: at.env });
    await kube.get(PODS, 'x');
    return 'no failure';
  } catch (error) {
    return (error as Error).message;
  }
}
