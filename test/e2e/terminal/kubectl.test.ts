/** The real kubectl beside the plugin: it finds it, passes its exit codes on, and sees what it did. */
import assert from 'node:assert/strict';
import { dirname } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { findKubectl } from '../../kubectl.ts';
import type { E2eCluster } from '../cluster/cluster.ts';
import { closeCluster, openCluster } from '../cluster/shared-cluster.ts';
import { guideText } from '../stage/guide-text.ts';
import { PLUGIN, type Ran, startProgram } from '../stage/plugin.ts';
import { NEW_IMAGE, openStage, RS_WEIGHT, type Stage } from '../stage/stage.ts';

const kubectl = findKubectl();
const needsKubectl = kubectl === undefined ? { skip: 'kubectl not found: set $KUBECTL' } : {};

let cluster: E2eCluster;
before(async () => {
  cluster = await openCluster();
});
after(closeCluster);

/** In the stage's namespace; the flag comes after a plugin's name, and before a command for a pod. */
function startKubectl(stage: Stage, words: readonly string[]) {
  const end = words.includes('--') ? words.indexOf('--') : words.length;
  const inNamespace = [...words.slice(0, end), '-n', stage.namespace, ...words.slice(end)];
  return startProgram(kubectl ?? '', inNamespace, { ...stage.env, KUBECACHEDIR: `${stage.home}/cache` });
}

/** Runs kubectl in the stage's namespace; it has to end with 0. */
async function ok(stage: Stage, ...words: string[]): Promise<string> {
  const ran: Ran = await startKubectl(stage, words).ended;
  assert.equal(ran.code, 0, `kubectl ${words.join(' ')}: ${ran.stderr}`);
  return ran.stdout;
}

describe('the real kubectl', { concurrency: true, ...needsKubectl }, () => {
  test('finds the plugin on PATH, and passes its words and its exit code on', async (t) => {
    const stage = await openStage(t, cluster, { replicas: 1 });
    const list = await startProgram(kubectl ?? '', ['plugin', 'list'], stage.env).ended;
    assert.ok(list.stdout.split('\n').includes(`${dirname(PLUGIN)}/kubectl-zeroloss`), list.stdout + list.stderr);
    assert.match(await ok(stage, 'zeroloss', 'status', 'nginx'), /^nginx-0 +10 +10 /m);
    const refused = await startKubectl(stage, ['zeroloss', 'drain', 'nginx', '7']).ended;
    assert.deepEqual([refused.code, refused.stdout], [4, '']);
    assert.match(refused.stderr, /ordinals-exist/);
  });

  test('drains by hand as the guide has it, and the plugin sees it; what the plugin does kubectl describes', async (t) => {
    const stage = await openStage(t, cluster, { replicas: 2 });
    await ok(stage, 'annotate', 'service', 'nginx', `${RS_WEIGHT}=${guideText([1])}`);
    await stage.until('the load balancer follows', async () =>
      /^nginx-1 +0 +0 /m.test((await stage.ok('status', 'nginx')).stdout),
    );
    await ok(stage, 'annotate', 'service', 'nginx', `${RS_WEIGHT}-`);
    await stage.until('the load balancer follows again', async () =>
      /^nginx-1 +10 +10 /m.test((await stage.ok('status', 'nginx')).stdout),
    );
    await ok(stage, 'zeroloss', 'drain', 'nginx', '0');
    const described = await ok(stage, 'describe', 'service', 'nginx');
    // kubectl cuts long annotations short.
    assert.ok(described.includes(guideText([0]).slice(0, 120)), described);
    assert.match(
      await ok(stage, 'describe', 'statefulset', 'nginx'),
      /Normal +ZerolossDrained .*kubectl-zeroloss +weight 0 for ordinal 0$/m,
    );
  });

  test('scales, waits, sets an image and takes it back, and OnDelete leaves the pods alone', async (t) => {
    const stage = await openStage(t, cluster, { replicas: 1 });
    await ok(stage, 'scale', 'statefulset', 'nginx', '--replicas=2');
    await stage.until('nginx-1 exists', async () => 'nginx-1' in (await stage.uids()));
    await ok(stage, 'wait', '--for=condition=Ready', 'pod/nginx-1', '--timeout=30s');
    const before = await stage.uids();
    await ok(stage, 'set', 'image', 'statefulset/nginx', `nginx=${NEW_IMAGE}`);
    await stage.until('a second revision', async () =>
      /^2 /m.test(await ok(stage, 'rollout', 'history', 'statefulset/nginx')),
    );
    assert.match(await ok(stage, 'zeroloss', 'status', 'nginx'), /^nginx-0 .* outdated /m);
    assert.match(await ok(stage, 'rollout', 'undo', 'statefulset/nginx'), /rolled back/);
    await stage.until('no pod is outdated', async () =>
      /^nginx-0 .* updated /m.test((await stage.ok('status', 'nginx')).stdout),
    );
    assert.deepEqual(await stage.uids(), before);
  });

  test('reads logs, looks into a pod, and watches a replacement', async (t) => {
    const stage = await openStage(t, cluster, { replicas: 1 });
    assert.notEqual(await ok(stage, 'logs', 'nginx-0'), '');
    const sockets = await ok(stage, 'exec', 'nginx-0', '--', 'cat', '/proc/net/tcp');
    assert.match(sockets, /^ +sl +local_address +rem_address +st /);
    assert.match(sockets, /:0050 00000000:0000 0A /, 'a listener on port 80');
    const watching = startKubectl(stage, [
      'get',
      'pods',
      '--watch',
      '--no-headers',
      '-o',
      'custom-columns=UID:.metadata.uid',
    ]);
    const [before] = Object.values(await stage.uids());
    await stage.until('the watch has begun', async () => watching.stdoutSoFar().includes(before ?? '?'));
    await ok(stage, 'delete', 'pod', 'nginx-0', '--wait=false');
    await stage.until('a new pod is ready', async () =>
      Object.values(await stage.uids()).some((uid) => uid !== before),
    );
    const [now] = Object.values(await stage.uids());
    await stage.until('the watch has seen it', async () => watching.stdoutSoFar().includes(now ?? '?'));
    watching.kill('SIGTERM');
    await watching.ended;
  });
});
