/** A node is emptied of gateways before `kubectl drain`, by real processes and under live traffic, on a cluster of three nodes. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { text } from '../../../lib/core/values/read.ts';
import { NODES } from '../../../lib/ports/resources.ts';
import type { E2eCluster } from '../cluster/cluster.ts';
import { startE2eCluster } from '../cluster/start-cluster.ts';
import { startProgram } from '../stage/plugin.ts';
import { FAST, openStage, type Stage } from '../stage/stage.ts';

let cluster: E2eCluster;
before(async () => {
  cluster = await startE2eCluster({ nodes: 3 });
});
after(() => cluster.stop());

/** As kubectl cordon and uncordon. */
const cordon = (name: string, unschedulable: boolean) =>
  cluster.kube.patch(NODES, name, { spec: { unschedulable } }, { type: 'strategic' });

async function nodesOf(stage: Stage): Promise<Record<string, string>> {
  return Object.fromEntries(
    (await stage.pods()).map((pod) => [pod.metadata.name, text(pod, 'spec', 'nodeName') ?? '']),
  );
}

const namesOn = (nodes: Record<string, string>, node: string): string[] =>
  Object.keys(nodes).filter((name) => nodes[name] === node);

test('by the verbs: drained, at zero, recreated elsewhere and given back; no connection is lost, and no other pod is touched', async (t) => {
  const stage = await openStage(t, cluster, { replicas: 6 });
  const [uids, nodes] = [await stage.uids(), await nodesOf(stage)];
  const node = nodes['nginx-1'] ?? '';
  const there = namesOn(nodes, node);
  assert.equal(there.length, 2, JSON.stringify(nodes));

  const open = await stage.run(['drain', 'nginx', '--node', node]);
  assert.equal(open.code, 4, open.stderr);
  assert.match(open.stderr, /node-cordoned: node \S+ is not cordoned.*\n.*kubectl .*cordon sandbox-node/);

  await cordon(node, true);
  t.after(() => cordon(node, false));
  const traffic = await stage.traffic();
  await stage.ok('drain', 'nginx', '--node', node);
  assert.match((await stage.ok('status', 'nginx')).stderr, /is to be emptied: nginx-\d, nginx-\d still there/);
  const early = await stage.run(['advance', 'nginx']);
  assert.equal(early.code, 4, early.stderr);
  assert.match(early.stderr, /is still on node \S+, which is to be emptied/);
  await stage.ok('wait-zero', 'nginx', ...FAST);
  await stage.ok('recreate', 'nginx', '--node', node, ...FAST);
  assert.equal((await stage.run(['advance', 'nginx'])).code, 3);
  await stage.ok('restore', 'nginx');
  assert.deepEqual((await traffic.stop()).lost, []);

  const [uidsNow, nodesNow] = [await stage.uids(), await nodesOf(stage)];
  assert.deepEqual(
    Object.keys(uids).filter((name) => uidsNow[name] !== uids[name]),
    there,
  );
  assert.deepEqual(namesOn(nodesNow, node), []);
  const left = Object.keys((await stage.set()).metadata.annotations ?? {});
  assert.deepEqual(
    left.filter((key) => key.startsWith('kubectl-zeroloss/')),
    [],
  );
});

test('by upgrade --node: pods of the same revision are replaced one after the other, and no connection is lost', async (t) => {
  const stage = await openStage(t, cluster, { replicas: 6 });
  const [uids, nodes] = [await stage.uids(), await nodesOf(stage)];
  const node = nodes['nginx-2'] ?? '';
  const there = namesOn(nodes, node);
  await cordon(node, true);
  t.after(() => cordon(node, false));
  const traffic = await stage.traffic();
  await stage.ok('upgrade', 'nginx', '--node', node, '--yes', ...FAST);
  assert.deepEqual((await traffic.stop()).lost, []);
  const uidsNow = await stage.uids();
  assert.deepEqual(
    Object.keys(uids).filter((name) => uidsNow[name] !== uids[name]),
    there,
  );
  assert.deepEqual(namesOn(await nodesOf(stage), node), []);
  const again = await stage.ok('drain', 'nginx', '--node', node);
  assert.match(again.stderr, /no pod of statefulset\/nginx is on node /);
});

test('by the script that plan --node prints: the node is empty at its end, nothing is lost, and run again it changes nothing', async (t) => {
  const stage = await openStage(t, cluster, { replicas: 6 });
  const [uids, nodes] = [await stage.uids(), await nodesOf(stage)];
  const node = nodes['nginx-0'] ?? '';
  const there = namesOn(nodes, node);
  const open = await stage.run(['plan', 'nginx', '--node', node, '-o', 'json']);
  assert.equal(open.code, 0, open.stderr);
  assert.deepEqual(
    (JSON.parse(open.stdout) as { refusals: { rule: string }[] }).refusals.map(({ rule }) => rule),
    ['node-cordoned'],
  );

  await cordon(node, true);
  t.after(() => cordon(node, false));
  const script = join(stage.home, 'empty.sh');
  await writeFile(script, (await stage.ok('plan', 'nginx', '--node', node, '-o', 'sh', ...FAST)).stdout);
  const traffic = await stage.traffic();
  const env = { ...stage.env, KUBECACHEDIR: `${stage.home}/cache` };
  const ran = await startProgram('bash', [script], env, 300_000).ended;
  assert.equal(ran.code, 0, ran.stderr);
  assert.deepEqual((await traffic.stop()).lost, []);
  const after = await stage.uids();
  assert.deepEqual(
    Object.keys(uids).filter((name) => after[name] !== uids[name]),
    there,
  );
  assert.deepEqual(namesOn(await nodesOf(stage), node), []);
  const again = await startProgram('bash', [script], env, 300_000).ended;
  assert.equal(again.code, 0, again.stderr);
  assert.deepEqual(await stage.uids(), after);
});
