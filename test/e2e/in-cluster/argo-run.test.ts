/**
 * Upgrades run by Argo's own workflow-controller on a real control plane: what `plan -o argo` prints is applied, its pods are
 * Argo's executor and the built program, and a person agrees as the command `argo` does it.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { text, texts } from '../../../lib/core/values/read.ts';
import { LEASES, STATEFUL_SETS } from '../../../lib/ports/resources.ts';
import type { E2eCluster } from '../cluster/cluster.ts';
import { startE2eCluster } from '../cluster/start-cluster.ts';
import { openStage } from '../stage/stage.ts';
import { type ArgoController, EXECUTOR, startArgoController } from './argo-controller.ts';
import { Jobs, KEY } from './jobs.ts';
import { OWN_IMAGES, podProcesses, refuseWithoutMounts } from './pod/pod-process.ts';
import { SECRETS } from './pod/pod-variables.ts';
import { Workflows } from './workflows.ts';

const home = mkdtempSync(join(tmpdir(), 'zeroloss-argo-'));
let cluster: E2eCluster;
let jobs: Jobs;
let workflows: Workflows;
let controller: ArgoController;
let server: URL;
const processes = podProcesses(() => ({ kube: cluster.kube, server }), { ...OWN_IMAGES, ...EXECUTOR });
before(async () => {
  await refuseWithoutMounts();
  cluster = await startE2eCluster({ launch: processes.launch });
  jobs = new Jobs(cluster, processes, home);
  workflows = new Workflows(cluster, processes, jobs);
  server = new URL(JSON.parse(await jobs.ok(['config', 'view', '--minify', '-o', 'json'])).clusters[0].cluster.server);
  controller = await startArgoController(cluster, join(home, 'workflow-controller.log'));
});
after(async () => {
  await controller?.stop();
  await cluster?.stop();
  rmSync(home, { recursive: true, force: true });
});

test('a Workflow upgrades five pods under traffic, each batch once a person agrees, with nothing lost', async (t) => {
  const stage = await openStage(t, cluster, { replicas: 5 });
  const { namespace } = stage;
  const traffic = await stage.traffic();
  // A command that is only true if Argo, its executor and the kubelet leave its quotes and its dollar sign as they are.
  const name = await workflows.start(stage, '--batch', '2', '--gate-command', `test "$HOME" = '/'`);
  for (const [count, question] of [
    [0, 'approve-up-to-2'],
    [2, 'approve-up-to-4'],
    [4, 'approve-rest'],
  ] as const) {
    await workflows.asked(namespace, name, question);
    assert.equal(await jobs.updated(stage), count, `${question} is asked once ${count} are updated`);
    await workflows.agree(namespace, name, question);
  }
  await workflows.ended(namespace, name, 'Succeeded');
  assert.deepEqual((await traffic.stop()).lost, []);
  assert.equal(await jobs.updated(stage), 5);
  assert.equal(await stage.weights(), undefined);
  const nodes = await workflows.nodes(namespace, name);
  const ran = nodes.filter(({ type }) => type === 'Pod').map(({ exitCode }) => exitCode);
  assert.deepEqual(ran, ['0', '0', '0']);
  assert.ok(!nodes.some(({ displayName, phase }) => displayName === 'approve-rollback' && phase === 'Running'));
  assert.doesNotMatch([jobs.log(), ...processes.others].join('\n'), /forbidden|Unauthorized/i);
});

test('a step whose pod is killed goes on in another pod, which takes over the lease of the same Workflow', async (t) => {
  const stage = await openStage(t, cluster, { replicas: 2 });
  const { namespace } = stage;
  const traffic = await stage.traffic();
  const name = await workflows.start(stage, '--soak', '5s');
  await workflows.agree(namespace, name, 'approve-up-to-1');
  await workflows.until(namespace, name, 'a pod is drained', async () => (await stage.weights()) !== undefined);
  const [pod] = await workflows.podsOf(namespace, name);
  const { items } = await cluster.kube.list(LEASES, { namespace });
  const holder = text(items[0], 'spec', 'holderIdentity') ?? '';
  const { uid } = (await workflows.get(namespace, name)).metadata;
  assert.equal(holder, `job/${name}/${pod?.metadata.name}#${uid}/${pod?.metadata.uid}`);
  await jobs.ok(['delete', 'pod', pod?.metadata.name ?? '', '--grace-period=0', '--force'], namespace);
  await workflows.asked(namespace, name, 'approve-rest');
  assert.equal(await jobs.updated(stage), 1);
  const [after] = await workflows.podsOf(namespace, name);
  assert.notEqual(after?.metadata.uid, pod?.metadata.uid);
  await workflows.agree(namespace, name, 'approve-rest');
  await workflows.ended(namespace, name, 'Succeeded');
  assert.deepEqual((await traffic.stop()).lost, []);
});

test('a step that ends with 1 is tried again, and ends with 0 once its cause is gone', async (t) => {
  const stage = await openStage(t, cluster, { replicas: 2 });
  const { namespace } = stage;
  const name = await workflows.start(stage);
  const setKey = (key: string | undefined) =>
    stage.patch(KEY, { stringData: { TENCENTCLOUD_SECRET_KEY: key } }, SECRETS);
  await setKey('of-another-account');
  await workflows.agree(namespace, name, 'approve-up-to-1');
  const tries = async () => (await workflows.nodes(namespace, name)).filter(({ type }) => type === 'Pod');
  await workflows.until(namespace, name, 'the first try has ended', async () =>
    (await tries()).some(({ phase }) => phase === 'Failed'),
  );
  await setKey(cluster.environment['TENCENTCLOUD_SECRET_KEY']);
  await workflows.asked(namespace, name, 'approve-rest');
  const codes = (await tries()).map(({ exitCode }) => exitCode);
  assert.deepEqual([...new Set(codes)].sort(), ['0', '1']);
  await workflows.shutDown(namespace, name, 'Terminate');
  await workflows.ended(namespace, name, 'Failed');
  assert.equal(await jobs.updated(stage), 1);
});

test('a Workflow that is stopped in the middle interrupts the upgrade cleanly, and to resume it then rolls back', async (t) => {
  const stage = await openStage(t, cluster, { replicas: 5 });
  const { namespace } = stage;
  const images = async () => (await jobs.gateways(stage)).map((pod) => text(pod, 'spec', 'containers', 0, 'image'));
  const before = await images();
  const traffic = await stage.traffic();
  const name = await workflows.start(stage, '--batch', '2', '--soak', '20s');
  await workflows.agree(namespace, name, 'approve-up-to-2');
  await workflows.until(namespace, name, 'a pod is updated', async () => (await jobs.updated(stage)) >= 1);
  await workflows.shutDown(namespace, name, 'Stop');
  await workflows.asked(namespace, name, 'approve-rollback');
  const events = async () => (await stage.events()).join('\n');
  await workflows.until(namespace, name, 'the upgrade says that it was interrupted', async () =>
    /ZerolossInterrupted/.test(await events()),
  );
  await workflows.agree(namespace, name, 'approve-rollback');
  await workflows.ended(namespace, name, 'Failed');
  assert.deepEqual(await images(), before);
  assert.deepEqual((await traffic.stop()).lost, []);
  assert.equal(await stage.weights(), undefined);
});

test('a Workflow for another template is refused once, nothing is written, and terminated it leaves everything as it is', async (t) => {
  const stage = await openStage(t, cluster, { replicas: 2 });
  const { namespace } = stage;
  const uids = await stage.uids();
  const name = await workflows.start(stage);
  const labels = { ...texts(await stage.set(), 'spec', 'template', 'metadata', 'labels'), changed: 'meanwhile' };
  await stage.patch('nginx', { spec: { template: { metadata: { labels } } } }, STATEFUL_SETS);
  await workflows.agree(namespace, name, 'approve-up-to-1');
  await workflows.asked(namespace, name, 'approve-rollback');
  const nodes = await workflows.nodes(namespace, name);
  assert.deepEqual(
    nodes.filter(({ type }) => type === 'Pod').map(({ exitCode }) => exitCode),
    ['4'],
  );
  assert.match(jobs.log(), /pinned: the template of statefulset\/nginx has changed since this upgrade was made for it/);
  await workflows.shutDown(namespace, name, 'Terminate');
  await workflows.ended(namespace, name, 'Failed');
  const gateways = await jobs.gateways(stage);
  assert.deepEqual(Object.fromEntries(gateways.map(({ metadata }) => [metadata.name, metadata.uid ?? ''])), uids);
});
