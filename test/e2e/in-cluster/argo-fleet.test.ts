/** The fleet of deploy/argo, run by Argo's own workflow-controller on a real control plane, for three small targets. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { NAMESPACES, STATEFUL_SETS } from '../../../lib/ports/resources.ts';
import { NEW_IMAGE, openStage, type Stage } from '../stage/stage.ts';
import { type ArgoCluster, startArgoCluster } from './argo-cluster.ts';
import { IMAGE } from './pod/pod-process.ts';
import { SECRETS } from './pod/pod-variables.ts';
import { WORKFLOWS } from './workflows.ts';

const DEPLOY = join(import.meta.dirname, '../../../deploy');
/** Where the fleet's own objects are. */
const PLACE = 'upgrades';
const OPERATOR = 'fleet-operator';

let argo: ArgoCluster;
before(async () => {
  // A pod's kubeconfig leads to the cluster of the target; the address of the rehearsed cloud is the machine's.
  argo = await startArgoCluster(({ environment: { ZEROLOSS_CLOUD_ENDPOINT = '' } }) => ({ ZEROLOSS_CLOUD_ENDPOINT }));
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
  const metadata = { name: PLACE, labels };
  await argo.cluster.kube.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata });
  await argo.jobs.ok(['apply', '-f', join(DEPLOY, 'argo/fleet.yaml')], PLACE);
});
after(() => argo?.stop());

/** As each cluster of the fleet has it: the kubeconfig of somebody who may operate in that namespace, and the cloud key. */
async function enrol(stage: Stage, name: string): Promise<void> {
  await argo.jobs.ok(['apply', '-f', join(DEPLOY, 'rbac.yaml')], stage.namespace);
  const role = ['--role=kubectl-zeroloss-operate', `--user=${OPERATOR}`];
  await argo.jobs.ok(['create', 'rolebinding', OPERATOR, ...role], stage.namespace);
  const config = await readFile(await argo.cluster.kubeconfigFor(OPERATOR), 'utf8');
  const { KUBECONFIG: _, ZEROLOSS_CLOUD_ENDPOINT: __, ...cloud } = argo.cluster.environment;
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: `zeroloss-${name}` } };
  await argo.cluster.kube.create(SECRETS, { ...secret, stringData: { ...cloud, config } }, { namespace: PLACE });
}

interface Target {
  stage: Stage;
  cluster: string;
}

/** As `argo submit --from workflowtemplate/kubectl-zeroloss-fleet -p …` does. */
async function submit(canaries: readonly Target[], targets: readonly Target[]): Promise<string> {
  const asJson = (all: readonly Target[]) =>
    JSON.stringify(
      all.map(({ stage, cluster }) => ({
        cluster,
        namespace: stage.namespace,
        statefulset: 'nginx',
        image: `nginx=${NEW_IMAGE}`,
      })),
    );
  const parameters = [
    { name: 'program', value: IMAGE },
    { name: 'canaries', value: asJson(canaries) },
    { name: 'targets', value: asJson(targets) },
  ];
  const { metadata } = await argo.cluster.kube.create(
    WORKFLOWS,
    {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Workflow',
      metadata: { generateName: 'kubectl-zeroloss-fleet-' },
      spec: { workflowTemplateRef: { name: 'kubectl-zeroloss-fleet' }, arguments: { parameters } },
    },
    { namespace: PLACE },
  );
  return metadata.name;
}

/** Stages of two pods each, in the fleet by these names. */
async function openTargets(t: { after(done: () => Promise<void>): void }, names: readonly string[]): Promise<Target[]> {
  const targets: Target[] = [];
  for (const name of names) {
    const stage = await openStage(t, argo.cluster, { replicas: 2 });
    await enrol(stage, name);
    targets.push({ stage, cluster: name });
  }
  return targets;
}

/** How many pods of each have the new image. */
const updated = (targets: readonly Target[]): Promise<number[]> =>
  Promise.all(targets.map(({ stage }) => argo.jobs.updated(stage)));

/** A StatefulSet that replaces its pods by itself, which no verb touches. */
const unfit = ({ stage }: Target) =>
  stage.patch('nginx', { spec: { updateStrategy: { type: 'RollingUpdate' } } }, STATEFUL_SETS);

test('the canary of a fleet comes first, and the others once a person agrees, with nothing lost', async (t) => {
  const all = await openTargets(t, ['one', 'two', 'three']);
  const traffic = await Promise.all(all.map(({ stage }) => stage.traffic()));
  const name = await submit(all.slice(0, 1), all.slice(1));
  await argo.workflows.asked(PLACE, name, 'approve');
  assert.deepEqual(await updated(all), [2, 0, 0]);
  await argo.workflows.agree(PLACE, name, 'approve');
  await argo.workflows.ended(PLACE, name, 'Succeeded');
  assert.deepEqual(await updated(all), [2, 2, 2]);
  for (const each of traffic) assert.deepEqual((await each.stop()).lost, []);
});

test('of three canaries of which the second refuses, the first is upgraded, the third is not begun, and the fleet has failed', async (t) => {
  const all = await openTargets(t, ['four', 'five', 'six']);
  const [, second] = all;
  assert.ok(second);
  await unfit(second);
  const name = await submit(all, all);
  await argo.workflows.ended(PLACE, name, 'Failed');
  assert.deepEqual(await updated(all), [2, 0, 0]);
  const nodes = await argo.workflows.nodes(PLACE, name);
  const pods = nodes.filter(({ type }) => type === 'Pod');
  assert.deepEqual(pods.map(({ exitCode }) => exitCode).sort(), ['0', '4']);
  assert.ok(!nodes.some(({ type }) => type === 'Suspend'), 'no one was asked');
});

test('of targets two at a time, one that refuses stops the fleet: the one beside it comes to its end, no other begins', async (t) => {
  const all = await openTargets(t, ['seven', 'eight', 'nine']);
  const [, second] = all;
  assert.ok(second);
  await unfit(second);
  const name = await submit([], all);
  await argo.workflows.agree(PLACE, name, 'approve');
  await argo.workflows.ended(PLACE, name, 'Failed');
  assert.deepEqual(await updated(all), [2, 0, 0]);
  const pods = (await argo.workflows.nodes(PLACE, name)).filter(({ type }) => type === 'Pod');
  assert.deepEqual(pods.map(({ exitCode }) => exitCode).sort(), ['0', '4']);
});
