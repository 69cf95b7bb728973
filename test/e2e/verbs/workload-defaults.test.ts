/** Defaults that belong to the workload, written with the real kubectl and used by the verbs of everyone. */
import assert from 'node:assert/strict';
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

const inKubectl = (stage: Stage, ...words: string[]): Promise<Ran> =>
  startProgram(kubectl ?? '', [...words, '-n', stage.namespace], {
    ...stage.env,
    KUBECACHEDIR: `${stage.home}/cache`,
  }).ended;

const annotate = async (stage: Stage, ...defaults: string[]) => {
  const { code, stderr } = await inKubectl(
    stage,
    ...['annotate', 'statefulset', 'nginx', '--overwrite'],
    ...defaults.map((each) => `kubectl-zeroloss/default-${each}`),
  );
  assert.equal(code, 0, stderr);
};

describe("a workload's own defaults", { concurrency: true, ...needsKubectl }, () => {
  test('are used by every verb that takes the flag, which says so, and outlast a restore', async (t) => {
    const stage = await openStage(t, cluster, { replicas: 4 });
    await annotate(stage, 'min-serving=75%', 'stable-for=31s');
    const two = await inKubectl(stage, 'zeroloss', 'drain', 'nginx', '0,1');
    assert.equal(two.code, 4, two.stderr);
    assert.match(two.stderr, /^defaults of statefulset\/nginx \(annotations .*\): --min-serving 75%$/m);
    assert.match(two.stderr, /only 2 backends would keep serving .*the floor is 3/);
    const drained = await inKubectl(stage, 'zeroloss', 'drain', 'nginx', '0', '-o', 'json');
    assert.deepEqual(JSON.parse(drained.stdout).defaults, { 'min-serving': '75%' });
    const waited = await inKubectl(stage, 'zeroloss', 'wait-zero', 'nginx', '--timeout', '4s');
    assert.equal(waited.code, 6, waited.stderr);
    assert.match(waited.stderr, /of 31s/);
    const typed = await inKubectl(stage, 'zeroloss', 'wait-zero', 'nginx', '--stable-for', '3s');
    assert.equal(typed.code, 0, typed.stderr);
    assert.doesNotMatch(typed.stderr, /defaults of/);
    await stage.ok('restore', 'nginx');
    assert.deepEqual(Object.keys((await stage.set()).metadata.annotations ?? {}).sort(), [
      'kubectl-zeroloss/default-min-serving',
      'kubectl-zeroloss/default-stable-for',
    ]);
  });

  test('that ask for less care are refused until they are typed, found by check, and no obstacle to restore', async (t) => {
    const stage = await openStage(t, cluster, { replicas: 3 });
    await annotate(stage, 'batch=2', 'min-serving=0', 'force=true', 'stable-for=soon');
    const before = await stage.annotations();
    const refused = await inKubectl(stage, 'zeroloss', 'upgrade', 'nginx', '--restart', '--yes');
    assert.equal(refused.code, 4, refused.stderr);
    assert.deepEqual(
      [...refused.stderr.matchAll(/^ {2}([a-z-]+): annotation kubectl-zeroloss\/default-([a-z-]+)/gm)].map(
        ([, rule, name]) => `${rule} ${name}`,
      ),
      ['default-value stable-for', 'default-looser min-serving', 'default-looser batch', 'default-name force'],
    );
    assert.deepEqual(await stage.annotations(), before);
    // Each cure is typed as it stands.
    const cures = [...refused.stderr.matchAll(/^ {4}to fix it: kubectl (.*?) {3}#/gm)].map(([, words = '']) => words);
    assert.equal(cures.length, 4, refused.stderr);
    const checked = await inKubectl(stage, 'zeroloss', 'check', 'nginx');
    assert.equal(checked.code, 4);
    assert.match(checked.stdout, /FAIL {2}default-name: annotation kubectl-zeroloss\/default-force /);
    const back = await stage.ok('restore', 'nginx');
    assert.match(back.stderr, /^warning: not used: annotation kubectl-zeroloss\/default-stable-for/im);
    for (const cure of cures) {
      const mended = await startProgram(kubectl ?? '', cure.split(' '), stage.env).ended;
      assert.equal(mended.code, 0, mended.stderr);
    }
    const dry = await inKubectl(stage, 'zeroloss', 'upgrade', 'nginx', '--restart', '--dry-run=client');
    assert.equal(dry.code, 0, dry.stderr);
    assert.match(dry.stderr, /--stable-for 30s$/m);
  });

  test('stand as flags in the script of a plan', async (t) => {
    const stage = await openStage(t, cluster, { replicas: 2 });
    await annotate(stage, 'stable-for=40s', 'source=pod,clb', 'max-unavailable=1');
    const script = (await stage.ok('plan', 'nginx', '--restart', '-o', 'sh')).stdout;
    assert.match(script, /wait-zero nginx --any .*--stable-for 40s --source pod,clb/);
    assert.match(script, /advance nginx --max-unavailable 1/);
    const byBatch = (await stage.ok('plan', 'nginx', '--restart', '--batch', '2', '-o', 'sh')).stdout;
    assert.match(byBatch, /drain nginx 0,1 --skip-done/);
  });
});
