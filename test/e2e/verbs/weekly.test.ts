/** Jobs of every week, by real processes and under live traffic: pods restarted, scaled away, moved off a node. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { texts } from '../../../lib/core/values/read.ts';
import type { E2eCluster } from '../cluster/cluster.ts';
import { closeCluster, openCluster } from '../cluster/shared-cluster.ts';
import { FAST, openStage, type Stage } from '../stage/stage.ts';

let cluster: E2eCluster;
before(async () => {
  cluster = await openCluster();
});
after(closeCluster);

/** Names of the pods that are other pods now. */
async function replaced(stage: Stage, before: Record<string, string>): Promise<string[]> {
  const now = await stage.uids();
  return Object.keys(before).filter((name) => now[name] !== before[name]);
}

describe('jobs of every week, under live traffic', { concurrency: true }, () => {
  test('upgrade --restart replaces every pod of an unchanged template, and no connection is lost', async (t) => {
    const stage = await openStage(t, cluster, { replicas: 3 });
    const [uids, images] = [await stage.uids(), await stage.images()];
    const traffic = await stage.traffic();
    const told = join(stage.home, 'told');
    const notify = ['--notify-command', `{ env | grep -c KUBECONFIG >>'${told}.env'; cat >>'${told}'; }`];
    const metrics = ['--metrics-textfile', join(stage.home, 'nginx.prom')];
    const { stdout } = await stage.ok('upgrade', 'nginx', '--restart', '--yes', ...notify, ...metrics, ...FAST);
    assert.match(stdout, /^statefulset\/nginx restarted \(at \d{4}-.*Z\)$/m);
    assert.deepEqual((await traffic.stop()).lost, []);
    assert.deepEqual(await replaced(stage, uids), ['nginx-0', 'nginx-1', 'nginx-2']);
    assert.deepEqual(await stage.images(), images);
    const set = await stage.set();
    const template = texts(set['spec'], 'template', 'metadata', 'annotations');
    assert.match(template['kubectl.kubernetes.io/restartedAt'] ?? '', /Z$/);
    assert.deepEqual(
      Object.keys(set.metadata.annotations ?? {}).filter((key) => key.startsWith('kubectl-zeroloss/')),
      [],
    );
    const prom = await readFile(join(stage.home, 'nginx.prom'), 'utf8');
    assert.match(prom, /^kubectl_zeroloss_pods_done\{.*statefulset="nginx".*\} 3$/m);
    assert.match(prom, /state="done"\} 1$/m);
    const documents = (await readFile(told, 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).reason);
    assert.deepEqual([documents[0], documents.at(-1)], ['ZerolossRestarted', 'ZerolossEnded']);
    assert.match(await readFile(`${told}.env`, 'utf8'), /^(0\n)+$/);
    assert.match((await stage.events())[0] ?? '', /^ZerolossRestarted: template set to restart at /);
  });

  test('scale drains, sees at zero and scales away, loses no connection, and the next scale-out has traffic', async (t) => {
    const stage = await openStage(t, cluster, { replicas: 4 });
    const before = await stage.annotations();
    const traffic = await stage.traffic();
    const { stdout, stderr } = await stage.ok('scale', 'nginx', '2', ...FAST);
    assert.match(stderr, /loses its highest ordinals first: ordinals 2,3 of statefulset\/nginx will go/);
    assert.match(stdout, /^statefulset\/nginx scaled \(4 to 2 replicas, ordinals 2,3 gone\)$/m);
    assert.deepEqual((await traffic.stop()).lost, []);
    assert.deepEqual(Object.keys(await stage.uids()), ['nginx-0', 'nginx-1']);
    assert.deepEqual(await stage.annotations(), before, 'no weight of 0 is left for the ordinals that went');
    assert.deepEqual(
      (await stage.events()).map((line) => line.split(':')[0]),
      ['ZerolossDrained', 'ZerolossScaled', 'ZerolossRestored'],
    );
    assert.match((await stage.ok('scale', 'nginx', '2', ...FAST)).stdout, /already scaled/);
    await stage.ok('scale', 'nginx', '3');
    await stage.settled(3);
    assert.match((await stage.ok('status', 'nginx')).stdout, /nginx-2/);
  });

  test('scale refuses to leave fewer than the floor, and writes nothing', async (t) => {
    const stage = await openStage(t, cluster, { replicas: 3 });
    const { code, stderr } = await stage.run(['scale', 'nginx', '1', '--min-serving', '2', ...FAST]);
    assert.equal(code, 4, stderr);
    assert.match(stderr, /floor: /);
    assert.equal(await stage.weights(), undefined);
  });
});
