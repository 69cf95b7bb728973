/** The output of the verbs: data that parses, dry runs that write nothing, and traces without a secret. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { load } from 'js-yaml';
import type { E2eCluster } from '../cluster/cluster.ts';
import { closeCluster, openCluster } from '../cluster/shared-cluster.ts';
import { guideText } from '../stage/guide-text.ts';
import { FAST, openStage } from '../stage/stage.ts';
import { writable } from '../stage/unwritten.ts';

let cluster: E2eCluster;
before(async () => {
  cluster = await openCluster();
});
after(closeCluster);

interface Data {
  apiVersion: string;
  kind: string;
  verb: string;
  dryRun: string;
  exitCode: number;
  changed: boolean;
  results: { object: string; action: string }[];
  refusals: { rule: string }[];
  error?: string;
}

describe('output', { concurrency: true }, () => {
  test('as JSON and YAML is one document that carries the outcome, also when the verb is refused', async (t) => {
    const stage = await openStage(t, cluster, { replicas: 2 });
    const status = JSON.parse((await stage.ok('status', 'nginx', '-o', 'json')).stdout) as Data & {
      details: { rows: { pod: string }[] };
    };
    assert.deepEqual(
      status.details.rows.map((row) => row.pod),
      ['nginx-0', 'nginx-1'],
    );
    assert.equal((await stage.ok('status', 'nginx', '-o', 'name')).stdout, 'pod/nginx-0\npod/nginx-1\n');
    assert.match((await stage.ok('status', 'nginx', '-o', 'wide')).stdout, /^POD .* IP +UID +LISTENERS *\n/);

    const drained = load((await stage.ok('drain', 'nginx', '0', '-o', 'yaml')).stdout) as Data;
    assert.deepEqual(
      [drained.apiVersion, drained.kind, drained.verb, drained.exitCode, drained.changed],
      ['zeroloss/v1', 'Outcome', 'drain', 0, true],
    );
    assert.deepEqual(
      drained.results.map(({ object, action }) => `${object} ${action}`),
      ['service/nginx drained'],
    );
    const again = JSON.parse((await stage.ok('drain', 'nginx', '0', '-o', 'json')).stdout) as Data;
    assert.deepEqual([again.changed, again.results[0]?.action], [false, 'already drained']);
    assert.equal((await stage.ok('drain', 'nginx', '0', '-o', 'name')).stdout, 'service/nginx\n');

    const refused = await stage.run(['drain', 'nginx', '1', '-o', 'json']);
    const why = JSON.parse(refused.stdout) as Data;
    assert.deepEqual(
      [refused.code, why.exitCode, why.changed, why.refusals.map(({ rule }) => rule)],
      [4, 4, false, ['floor']],
    );
    const mistyped = await stage.run(['drain', 'nginx', 'one', '-o', 'json']);
    assert.deepEqual([mistyped.code, (JSON.parse(mistyped.stdout) as Data).exitCode], [2, 2]);
  });

  test('of a dry run says what would be done, and nothing is', async (t) => {
    const stage = await openStage(t, cluster, { replicas: 3 });
    await stage.setImage();
    const unchanged = async (words: string[], says: RegExp) => {
      for (const [mode, suffix] of [
        ['client', ' (dry run)'],
        ['server', ' (server dry run)'],
      ] as const) {
        const before = await writable(stage);
        const ran = await stage.run([...words, `--dry-run=${mode}`]);
        assert.equal(ran.code, 0, ran.stderr);
        assert.match(ran.stdout, says);
        assert.ok(ran.stdout.endsWith(`${suffix}\n`), ran.stdout);
        assert.deepEqual(await writable(stage), before, `${words.join(' ')} --dry-run=${mode}`);
      }
    };
    await unchanged(['drain', 'nginx', '0'], /^service\/nginx drained \(ordinal 0 on TCP\/80\)/);
    await unchanged(['surge', 'nginx', '1'], /^statefulset\/nginx surged \(3 \+ 1 replicas/);
    await stage.ok('drain', 'nginx', '0');
    await unchanged(['restore', 'nginx'], /^service\/nginx restored \(ordinal 0 on TCP\/80\)/);
    await stage.ok('wait-zero', 'nginx', ...FAST);
    await unchanged(['recreate', 'nginx', ...FAST], /^pod\/nginx-0 recreated/);
    assert.equal(await stage.weights(), guideText([0]));
  });

  test('of -v 6 shows the requests, and not even -v 9 shows a key or a token', async (t) => {
    const stage = await openStage(t, cluster, { replicas: 2 });
    const kubeconfig = await cluster.kubeconfigFor('boss', ['system:masters']);
    const env = { KUBECONFIG: kubeconfig };
    const secrets = secretsOf(await readFile(kubeconfig, 'utf8'));
    for (const name of ['TENCENTCLOUD_SECRET_KEY', 'TENCENTCLOUD_SECRET_ID'])
      secrets.push(cluster.environment[name] ?? '');
    assert.ok(secrets.length >= 3 && secrets.every((secret) => secret.length > 8), 'there are secrets to look for');
    for (const level of ['6', '9']) {
      for (const words of [
        ['status', 'nginx'],
        ['drain', 'nginx', '0'],
        ['wait-zero', 'nginx', '--timeout', '1s'],
        ['restore', 'nginx'],
      ]) {
        const { stdout, stderr } = await stage.run([...words, '-v', level], { env });
        assert.match(
          stderr,
          new RegExp(`GET https://\\S+/namespaces/${stage.namespace}/statefulsets/nginx 200 in \\d+ milliseconds`),
        );
        const leaked = secrets.filter((secret) => (stdout + stderr).includes(secret));
        assert.deepEqual(leaked.length, 0, `${words.join(' ')} -v ${level} shows a secret`);
        assert.doesNotMatch(stderr, /Bearer (?!<masked>)\S|Signature=(?!<masked>)[0-9a-f]/);
      }
    }
  });
});

/** Tokens and keys of a kubeconfig, in every form in which they could be shown. */
function secretsOf(kubeconfig: string): string[] {
  const { users } = load(kubeconfig) as { users: { user: Record<string, string> }[] };
  return users.flatMap(({ user }) => {
    const key = user['client-key-data'];
    const token = user['token'];
    return [
      ...(token === undefined ? [] : [token]),
      ...(key === undefined ? [] : [key, Buffer.from(key, 'base64').toString().split('\n')[1] ?? '']),
    ];
  });
}
