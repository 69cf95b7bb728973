/**
 * Upgrades run by Argo's own workflow-controller on a real control plane: what `plan -o argo` prints is applied, its pods are
 * Argo's executor and the built program, and a person agrees as the command `argo` does it.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { text, texts } from '../../../lib/core/values/read.ts';
import { LEASES, STATEFUL_SETS } from '../../../lib/ports/resources.ts';
import { openStage } from '../stage/stage.ts';
import { type ArgoCluster, startArgoCluster } from './argo-cluster.ts';
import { KEY } from './jobs.ts';
import { SECRETS } from './pod/pod-variables.ts';

let argo: ArgoCluster;
before(async () => {
  argo = await startArgoCluster();
});
after(() => argo?.stop());

test('a Workflow upgrades five pods under traffic, each batch once a person agrees, with nothing lost', async (t) => {
  const stage = await openStage(t, argo.cluster, { replicas: 5 });
  const { namespace } = stage;
  const traffic = await stage.traffic();
  // A command that is only true if Argo, its executor and the kubelet leave its quotes and its dollar sign as they are.
  const name = await argo.workflows.start(stage, '--batch', '2', '--gate-command', `test "$HOME" = '/'`);
  for (const [count, question] of [
    [0, 'approve-up-to-2'],
    [2, 'approve-up-to-4'],
    [4, 'approve-rest'],
  ] as const) {
    await argo.workflows.asked(namespace, name, question);
    assert.equal(await argo.jobs.updated(stage), count, `${question} is asked once ${count} are updated`);
    await argo.workflows.agree(namespace, name, question);
  }
  await argo.workflows.ended(namespace, name, 'Succeeded');
  assert.deepEqual((await traffic.stop()).lost, []);
  assert.equal(await argo.jobs.updated(stage), 5);
  assert.equal(await stage.weights(), undefined);
  const nodes = await argo.workflows.nodes(namespace, name);
  const ran = nodes.filter(({ type }) => type === 'Pod').map(({ exitCode }) => exitCode);
  assert.deepEqual(ran, ['0', '0', '0']);
  assert.ok(!nodes.some(({ displayName, phase }) => displayName === 'approve-rollback' && phase === 'Running'));
  assert.doesNotMatch([argo.jobs.log(), ...argo.jobs.processes.others].join('\n'), /forbidden|Unauthorized/i);
});

test('a step whose pod is killed goes on in another pod, which takes over the lease of the same Workflow', async (t) => {
  const stage = await openStage(t, argo.cluster, { replicas: 2 });
  const { namespace } = stage;
  const traffic = await stage.traffic();
  const name = await argo.workflows.start(stage, '--soak', '5s');
  await argo.workflows.agree(namespace, name, 'approve-up-to-1');
  await argo.workflows.until(namespace, name, 'a pod is drained', async () => (await stage.weights()) !== undefined);
  const [pod] = await argo.workflows.podsOf(namespace, name);
  const { items } = await argo.cluster.kube.list(LEASES, { namespace });
  const holder = text(items[0], 'spec', 'holderIdentity') ?? '';
  const { uid } = (await argo.workflows.get(namespace, name)).metadata;
  assert.equal(holder, `job/${name}/${pod?.metadata.name}#${uid}/${pod?.metadata.uid}`);
  await argo.jobs.ok(['delete', 'pod', pod?.metadata.name ?? '', '--grace-period=0', '--force'], namespace);
  await argo.workflows.asked(namespace, name, 'approve-rest');
  assert.equal(await argo.jobs.updated(stage), 1);
  const [after] = await argo.workflows.podsOf(namespace, name);
  assert.notEqual(after?.metadata.uid, pod?.metadata.uid);
  await argo.workflows.agree(namespace, name, 'approve-rest');
  await argo.workflows.ended(namespace, name, 'Succeeded');
  assert.deepEqual((await traffic.stop()).lost, []);
});

test('a step that ends with 1 is tried again, and ends with 0 once its cause is gone', async (t) => {
  const stage = await openStage(t, argo.cluster, { replicas: 2 });
  const { namespace } = stage;
  const name = await argo.workflows.start(stage);
  const setKey = (key: string | undefined) =>
    stage.patch(KEY, { stringData: { TENCENTCLOUD_SECRET_KEY: key } }, SECRETS);
  await setKey('of-another-account');
  await argo.workflows.agree(namespace, name, 'approve-up-to-1');
  const tries = async () => (await argo.workflows.nodes(namespace, name)).filter(({ type }) => type === 'Pod');
  await argo.workflows.until(namespace, name, 'the first try has ended', async () =>
    (await tries()).some(({ phase }) => phase === 'Failed'),
  );
  await setKey(argo.cluster.environment['TENCENTCLOUD_SECRET_KEY']);
  await argo.workflows.asked(namespace, name, 'approve-rest');
  const codes = (await tries()).map(({ exitCode }) => exitCode);
  assert.deepEqual([...new Set(codes)].sort(), ['0', '1']);
  await argo.workflows.shutDown(namespace, name, 'Terminate');
  await argo.workflows.ended(namespace, name, 'Failed');
  assert.equal(await argo.jobs.updated(stage), 1);
});

test('a Workflow that is stopped in the middle interrupts the upgrade cleanly, and to resume it then rolls back', async (t) => {
  const stage = await openStage(t, argo.cluster, { replicas: 5 });
  const { namespace } = stage;
  const images = async () =>
    (await argo.jobs.gateways(stage)).map((pod) => text(pod, 'spec', 'containers', 0, 'image'));
  const before = await images();
  const traffic = await stage.traffic();
  const name = await argo.workflows.start(stage, '--batch', '2', '--soak', '20s');
  await argo.workflows.agree(namespace, name, 'approve-up-to-2');
  await argo.workflows.until(namespace, name, 'a pod is updated', async () => (await argo.jobs.updated(stage)) >= 1);
  await argo.workflows.shutDown(namespace, name, 'Stop');
  await argo.workflows.asked(namespace, name, 'approve-rollback');
  const events = async () => (await stage.events()).join('\n');
  await argo.workflows.until(namespace, name, 'the upgrade says that it was interrupted', async () =>
    /ZerolossInterrupted/.test(await events()),
  );
  await argo.workflows.agree(namespace, name, 'approve-rollback');
  await argo.workflows.ended(namespace, name, 'Failed');
  assert.deepEqual(await images(), before);
  assert.deepEqual((await traffic.stop()).lost, []);
  assert.equal(await stage.weights(), undefined);
});

test('a Workflow for another template is refused once, nothing is written, and terminated it leaves everything as it is', async (t) => {
  const stage = await openStage(t, argo.cluster, { replicas: 2 });
  const { namespace } = stage;
  const uids = await stage.uids();
  const name = await argo.workflows.start(stage);
  const labels = { ...texts(await stage.set(), 'spec', 'template', 'metadata', 'labels'), changed: 'meanwhile' };
  await stage.patch('nginx', { spec: { template: { metadata: { labels } } } }, STATEFUL_SETS);
  await argo.workflows.agree(namespace, name, 'approve-up-to-1');
  await argo.workflows.asked(namespace, name, 'approve-rollback');
  const nodes = await argo.workflows.nodes(namespace, name);
  assert.deepEqual(
    nodes.filter(({ type }) => type === 'Pod').map(({ exitCode }) => exitCode),
    ['4'],
  );
  assert.match(
    argo.jobs.log(),
    /pinned: the template of statefulset\/nginx has changed since this upgrade was made for it/,
  );
  await argo.workflows.shutDown(namespace, name, 'Terminate');
  await argo.workflows.ended(namespace, name, 'Failed');
  const gateways = await argo.jobs.gateways(stage);
  assert.deepEqual(Object.fromEntries(gateways.map(({ metadata }) => [metadata.name, metadata.uid ?? ''])), uids);
});
