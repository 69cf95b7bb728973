/** 15 and 21: kubeconfigs as people have them, with what the message has to say. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { dump, load } from 'js-yaml';
import type { E2eCluster } from '../cluster/cluster.ts';
import { closeCluster, openCluster } from '../cluster/shared-cluster.ts';
import type { Stage } from '../stage/stage.ts';
import { openCase } from './case.ts';

let cluster: E2eCluster;
before(async () => {
  cluster = await openCluster();
});
after(closeCluster);

interface Config {
  'current-context'?: string;
  clusters: { name: string; cluster: Record<string, unknown> }[];
  users: { name: string; user: Record<string, unknown> }[];
  contexts: { name: string; context: Record<string, unknown> }[];
}

const onCluster = (set: Record<string, unknown>) => (config: Config) =>
  void Object.assign(config.clusters[0]?.cluster ?? assert.fail(), set);
const asUser = (user: Record<string, unknown>) => (config: Config) => {
  (config.users[0] ?? assert.fail()).user = user;
};
const exec = (version: string, more: object) =>
  asUser({ exec: { apiVersion: `client.authentication.k8s.io/${version}`, interactiveMode: 'Never', ...more } });

const GOOD: Record<string, (config: Config) => void> = {
  'as it is': () => undefined,
  'a context named in two scripts': (config) => {
    (config.contexts[0] ?? assert.fail()).name = 'prod (guangzhou) 广州';
    config['current-context'] = 'prod (guangzhou) 广州';
  },
  'an address that ends with a slash': (config) =>
    onCluster({ server: `${String(config.clusters[0]?.cluster['server'])}/` })(config),
  'a context that is empty and unused': (config) => {
    config.contexts.push({ name: 'empty', context: null as unknown as Record<string, unknown> });
  },
};

const BAD: [what: string, change: (config: Config) => void, says: RegExp][] = [
  [
    'tls-server-name that the certificate does not have',
    onCluster({ 'tls-server-name': 'kubernetes.default' }),
    /certificate is valid for .*, not kubernetes\.default$[\s\S]*--tls-server-name/m,
  ],
  [
    'an exec plugin of v1alpha1',
    exec('v1alpha1', { command: 'true' }),
    /invalid apiVersion "client\.authentication\.k8s\.io\/v1alpha1"[\s\S]*kubectl .*config set-credentials \S+ --exec-api-version=client\.authentication\.k8s\.io\/v1beta1/,
  ],
  [
    'an exec plugin that is not installed',
    exec('v1beta1', { command: 'tke-auth-plugin', installHint: 'get it from the console' }),
    /tke-auth-plugin[\s\S]*get it from the console/,
  ],
  ['a token that is wrong', asUser({ token: 'wrong' }), /logged in|Unauthorized/],
  [
    'a current context that is gone',
    (config) => {
      config['current-context'] = 'gone';
    },
    /context "?gone"? does not exist|context was not found for specified context: gone/,
  ],
];

const withConfig = async (stage: Stage, change: (config: Config) => void) => {
  const config = load(await readFile(stage.env['KUBECONFIG'] ?? '', 'utf8')) as Config;
  change(config);
  const file = join(stage.home, 'kubeconfig');
  await writeFile(file, dump(config), { mode: 0o600 });
  return stage.run(['status', 'hand', '-o', 'name'], { env: { KUBECONFIG: file } });
};

test('15 and 21: what kubectl reads is read, and what it refuses is refused with the cure', async (t) => {
  const stage = await openCase(t, cluster, '20-annotations');
  for (const [what, change] of Object.entries(GOOD)) {
    const { code, stdout, stderr } = await withConfig(stage, change);
    assert.deepEqual([code, stdout], [0, 'pod/hand-0\npod/hand-1\n'], `${what}: ${stderr}`);
  }
  for (const [what, change, says] of BAD) {
    const { code, stderr } = await withConfig(stage, change);
    assert.equal(code, 1, `${what}: ${stderr}`);
    assert.match(stderr, says, what);
  }
});
