/** check, status and plan over every namespace and several contexts, through the real kubectl. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { findKubectl } from '../../kubectl.ts';
import type { E2eCluster } from '../cluster/cluster.ts';
import { closeCluster, openCluster } from '../cluster/shared-cluster.ts';
import { type Ran, startProgram } from '../stage/plugin.ts';
import { openStage, type Stage } from '../stage/stage.ts';

const kubectl = findKubectl();
const needsKubectl = kubectl === undefined ? { skip: 'kubectl not found: set $KUBECTL' } : {};

let cluster: E2eCluster;
before(async () => {
  cluster = await openCluster();
});
after(closeCluster);

const runKubectl = (stage: Stage, words: readonly string[], env: Record<string, string> = {}): Promise<Ran> =>
  startProgram(kubectl ?? '', words, { ...stage.env, KUBECACHEDIR: `${stage.home}/cache`, ...env }, 120_000).ended;

/** A kubeconfig with a context for each stage, named as its namespace, and one whose cluster does not answer. */
async function withContexts(stage: Stage, others: readonly Stage[]): Promise<string> {
  const { stdout } = await runKubectl(stage, ['config', 'view', '--raw', '--minify', '-o', 'json']);
  const config = JSON.parse(stdout);
  const [{ context }] = config.contexts;
  config.contexts.push(
    ...[stage, ...others].map(({ namespace }) => ({ name: namespace, context: { ...context, namespace } })),
    { name: 'gone', context: { cluster: 'gone', user: context.user } },
  );
  config.clusters.push({ name: 'gone', cluster: { server: 'http://127.0.0.1:9' } });
  const file = join(stage.home, 'contexts.json');
  await writeFile(file, JSON.stringify(config));
  return file;
}

describe('several targets', { concurrency: false, ...needsKubectl }, () => {
  test('-A finds what load balancers send to in every namespace, and one that fails hides no other', async (t) => {
    const [one, two] = [await openStage(t, cluster, { replicas: 2 }), await openStage(t, cluster, { replicas: 1 })];
    await runKubectl(two, [
      ...['annotate', 'statefulset', 'nginx', 'kubectl-zeroloss/default-stable-for=31s', '-n', two.namespace],
    ]);
    await runKubectl(two, [
      ...['patch', 'statefulset', 'nginx', '-n', two.namespace, '--type', 'merge', '-p'],
      '{"spec":{"updateStrategy":{"type":"RollingUpdate"}}}',
    ]);
    const shown = await runKubectl(one, ['zeroloss', 'status', '-A']);
    assert.equal(shown.code, 0, shown.stderr);
    assert.match(shown.stdout, /^NAMESPACE +POD +WEIGHT /);
    for (const [stage, pod] of [
      [one, 'nginx-1'],
      [two, 'nginx-0'],
    ] as const)
      assert.match(shown.stdout, new RegExp(`^${stage.namespace} +${pod} +10 +10 `, 'm'));
    assert.match(shown.stderr, /, all namespaces, load balancers lb-/);

    const checked = await runKubectl(one, ['zeroloss', 'check', '-A', '-o', 'json']);
    assert.equal(checked.code, 4, checked.stderr);
    const { exitCode, details } = JSON.parse(checked.stdout);
    assert.equal(exitCode, 4);
    const targets = new Map<string, { exitCode: number; defaults?: object }>(
      details.targets.map((target: { namespace: string }) => [target.namespace, target]),
    );
    assert.equal(targets.get(one.namespace)?.exitCode, 0, checked.stderr);
    assert.equal(targets.get(two.namespace)?.exitCode, 4);
    assert.deepEqual(targets.get(two.namespace)?.defaults, { 'stable-for': '31s' });
    const table = await runKubectl(one, ['zeroloss', 'check', '-A']);
    assert.match(table.stdout, new RegExp(`^${two.namespace} +statefulset/nginx +[1-9].* on-delete`, 'm'));
    assert.match(table.stdout, new RegExp(`kubectl -n ${two.namespace} patch statefulset nginx `));
  });

  test('--context a,b looks in each of them, and names the one that does not answer', async (t) => {
    const [one, two] = [await openStage(t, cluster, { replicas: 2 }), await openStage(t, cluster, { replicas: 2 })];
    const KUBECONFIG = await withContexts(one, [two]);
    const contexts = `${one.namespace},${two.namespace}`;
    const both = await runKubectl(one, ['zeroloss', 'status', 'nginx', '--context', contexts], { KUBECONFIG });
    assert.equal(both.code, 0, both.stderr);
    assert.match(both.stdout, /^CONTEXT +NAMESPACE +POD /);
    for (const { namespace } of [one, two])
      assert.match(both.stdout, new RegExp(`^${namespace} +${namespace} +nginx-0 +10 +10 `, 'm'));
    const third = ['--context', `${contexts},gone`, '--request-timeout', '3s'];
    const partly = await runKubectl(one, ['zeroloss', 'check', 'nginx', ...third], { KUBECONFIG });
    assert.equal(partly.code, 1, partly.stderr);
    assert.match(partly.stdout, new RegExp(`^${one.namespace} +${one.namespace} +statefulset/nginx +0 `, 'm'));
    assert.match(partly.stdout, /^gone .*not-checked$/m);
    assert.match(partly.stderr, /^error: 1 of 3 failed: .*context gone/m);
  });

  test('plan shows a line for each target, with the first rule that would refuse it, and no script of several', async (t) => {
    const [one, two] = [await openStage(t, cluster, { replicas: 4 }), await openStage(t, cluster, { replicas: 2 })];
    await runKubectl(two, [
      ...['patch', 'statefulset', 'nginx', '-n', two.namespace, '--type', 'merge', '-p'],
      '{"spec":{"updateStrategy":{"type":"RollingUpdate"}}}',
    ]);
    const KUBECONFIG = await withContexts(one, [two]);
    const words = ['zeroloss', 'plan', 'nginx', '--restart', '--batch', '2'];
    const contexts = ['--context', `${one.namespace},${two.namespace}`];
    const both = await runKubectl(one, [...words, ...contexts], { KUBECONFIG });
    assert.equal(both.code, 0, both.stderr);
    assert.match(both.stdout, /^CONTEXT +NAMESPACE +TARGET +BATCHES +PODS +TAKES +CONNECTIONS +FIRST REFUSAL$/m);
    const line = (namespace: string, rest: string) =>
      new RegExp(`^${namespace} +${namespace} +statefulset/nginx +${rest}$`, 'm');
    assert.match(both.stdout, line(one.namespace, '2 +4 +.* or more +[0-9]+ +<none>'));
    assert.match(both.stdout, line(two.namespace, '1 +2 .* on-delete'));
    assert.match(both.stderr, /^2 planned; right now 1 of them would be refused: /m);
    const json = await runKubectl(one, [...words, ...contexts, '-o', 'json'], { KUBECONFIG });
    const { targets } = JSON.parse(json.stdout).details;
    assert.deepEqual(
      targets.map((each: { namespace: string; batches: number[][]; refusals: { rule: string }[] }) => [
        each.namespace,
        each.batches,
        [...new Set(each.refusals.map(({ rule }) => rule))],
      ]),
      [
        [
          one.namespace,
          [
            [0, 1],
            [2, 3],
          ],
          [],
        ],
        [two.namespace, [[0, 1]], ['on-delete']],
      ],
    );
    const script = await runKubectl(one, [...words, ...contexts, '-o', 'sh'], { KUBECONFIG });
    assert.deepEqual([script.code, script.stdout], [2, '']);
    const [, typed = ''] = /^hint: kubectl (.*)$/m.exec(script.stderr) ?? [];
    const printed = await runKubectl(one, typed.split(' '), { KUBECONFIG });
    assert.equal(printed.code, 0, printed.stderr);
    assert.match(printed.stdout, /^#!\/usr\/bin\/env bash$/m);
  });
});
