/** The real kubectl on a Deployment: status, history, undo, pause, resume and scale, on a cluster with real or rehearsed controllers. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { list, text } from '../../../lib/core/values/read.ts';
import { DEPLOYMENTS, PODS } from '../../../lib/ports/resources.ts';
import { findKubectl } from '../../kubectl.ts';
import type { E2eCluster } from '../cluster/cluster.ts';
import { closeCluster, openCluster } from '../cluster/shared-cluster.ts';
import { startProgram } from '../stage/plugin.ts';
import { NEW_IMAGE, openStage, type Stage } from '../stage/stage.ts';

const kubectl = findKubectl();
const needsKubectl = kubectl === undefined ? { skip: 'kubectl not found: set $KUBECTL' } : {};

let cluster: E2eCluster;
before(async () => {
  cluster = await openCluster();
});
after(closeCluster);

async function ok(stage: Stage, ...words: string[]): Promise<string> {
  const env = { ...stage.env, KUBECACHEDIR: `${stage.home}/cache` };
  const ran = await startProgram(kubectl ?? '', [...words, '-n', stage.namespace], env).ended;
  assert.equal(ran.code, 0, `kubectl ${words.join(' ')}: ${ran.stderr}`);
  return ran.stdout;
}

test(
  'kubectl rolls a Deployment out, waits for it, lists its history, goes back, pauses, resumes and scales',
  needsKubectl,
  async (t) => {
    const stage = await openStage(t, cluster, { replicas: 1 });
    const labels = { app: 'web' };
    await cluster.kube.create(
      DEPLOYMENTS,
      {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'web', annotations: { 'kubernetes.io/change-cause': 'first' } },
        spec: {
          replicas: 4,
          selector: { matchLabels: labels },
          template: {
            metadata: { labels },
            spec: { terminationGracePeriodSeconds: 1, containers: [{ name: 'web', image: 'nginx:1.25.3' }] },
          },
        },
      },
      { namespace: stage.namespace },
    );
    const images = async () => {
      const pods = await cluster.kube.list(PODS, { namespace: stage.namespace, labelSelector: 'app=web' });
      const living = pods.items.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
      return [...new Set(living.map((pod) => text(list(pod, 'spec', 'containers')[0], 'image')))];
    };
    const rolledOut = () => ok(stage, 'rollout', 'status', 'deployment/web', '--timeout=60s');
    assert.match(await rolledOut(), /successfully rolled out/);
    await ok(stage, 'set', 'image', 'deployment/web', `web=${NEW_IMAGE}`);
    await ok(stage, 'annotate', 'deployment/web', 'kubernetes.io/change-cause=second', '--overwrite');
    assert.match(await rolledOut(), /successfully rolled out/);
    assert.deepEqual(await images(), [NEW_IMAGE]);
    await stage.until('the cause is with its revision', async () =>
      /^1 +first\n2 +second$/m.test(await ok(stage, 'rollout', 'history', 'deployment/web')),
    );
    assert.match(await ok(stage, 'get', 'deployment', 'web'), /web +4\/4 +4 +4 /);
    assert.equal((await ok(stage, 'get', 'replicasets', '--no-headers')).trim().split('\n').length, 2);

    assert.match(await ok(stage, 'rollout', 'undo', 'deployment/web', '--to-revision=1'), /rolled back/);
    await rolledOut();
    assert.deepEqual(await images(), ['nginx:1.25.3']);
    assert.match(await ok(stage, 'rollout', 'history', 'deployment/web'), /^2 +second\n3 +/m);

    await ok(stage, 'rollout', 'pause', 'deployment/web');
    await ok(stage, 'set', 'image', 'deployment/web', `web=${NEW_IMAGE}`);
    await ok(stage, 'scale', 'deployment/web', '--replicas=2');
    await stage.until('two pods of the old image', async () =>
      /web +2\/2 +/.test(await ok(stage, 'get', 'deployment', 'web')),
    );
    assert.deepEqual(await images(), ['nginx:1.25.3']);
    await ok(stage, 'rollout', 'resume', 'deployment/web');
    await rolledOut();
    assert.deepEqual(await images(), [NEW_IMAGE]);
    assert.match(await ok(stage, 'describe', 'deployment', 'web'), /Scaled down replica set web-\w+ from \d to \d/);
    await ok(stage, 'rollout', 'restart', 'deployment/web');
    assert.match(await rolledOut(), /successfully rolled out/);
  },
);
