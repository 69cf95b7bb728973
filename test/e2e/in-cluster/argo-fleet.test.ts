/** The fleet of deploy/argo, run by Argo's own workflow-controller on a real control plane, for three small targets. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { NAMESPACES, STATEFUL_SETS } from '../../../lib/ports/resources.ts';
import type { E2eCluster } from '../cluster/cluster.ts';
import { startE2eCluster } from '../cluster/start-cluster.ts';
import { NEW_IMAGE, openStage, type Stage } from '../stage/stage.ts';
import { type ArgoController, EXECUTOR, startArgoController } from './argo-controller.ts';
import { Jobs } from './jobs.ts';
import { IMAGE, OWN_IMAGES, podProcesses, refuseWithoutMounts } from './pod/pod-process.ts';
import { SECRETS } from './pod/pod-variables.ts';
import { WORKFLOWS, Workflows } from './workflows.ts';

const DEPLOY = join(import.meta.dirname, '../../../deploy');
/** Where the fleet's own objects are. */
const PLACE = 'upgrades';
const OPERATOR = 'fleet-operator';

const home = mkdtempSync(join(tmpdir(), 'zeroloss-fleet-'));
let cluster: E2eCluster;
let jobs: Jobs;
let workflows: Workflows;
let controller: ArgoController;
const processes = podProcesses(
  () => {
    const endpoint = cluster.environment['ZEROLOSS_CLOUD_ENDPOINT'] ?? '';
    // Its kubeconfig leads to the cluster of the target; the address of the rehearsed cloud is the machine's.
    return { kube: cluster.kube, server, env: { ZEROLOSS_CLOUD_ENDPOINT: endpoint } };
  },
  { ...OWN_IMAGES, ...EXECUTOR },
);
let server: URL;
before(async () => {
  await refuseWithoutMounts();
  cluster = await startE2eCluster({ launch: processes.launch });
  jobs = new Jobs(cluster, processes, home);
  workflows = new Workflows(cluster, processes, jobs);
  server = new URL(JSON.parse(await jobs.ok(['config', 'view', '--minify', '-o', 'json'])).clusters[0].cluster.server);
  controller = await startArgoController(cluster, join(home, 'workflow-controller.log'));
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
  await cluster.kube.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: PLACE, labels } });
  await jobs.ok(['apply', '-f', join(DEPLOY, 'argo/fleet.yaml')], PLACE);
});
after(async () => {
  await controller?.stop();
  await cluster?.stop();
  rmSync(home, { recursive: true, force: true });
});

/** As each cluster of the fleet has it: the kubeconfig of somebody who may operate in that namespace, and the cloud key. */
async function enrol(stage: Stage, name: string): Promise<void> {
  await jobs.ok(['apply', '-f', join(DEPLOY, 'rbac.yaml')], stage.namespace);
  const role = ['--role=kubectl-zeroloss-operate', `--user=${OPERATOR}`];
  await jobs.ok(['create', 'rolebinding', OPERATOR, ...role], stage.namespace);
  const config = await readFile(await cluster.kubeconfigFor(OPERATOR), 'utf8');
  const { KUBECONFIG: _, ZEROLOSS_CLOUD_ENDPOINT: __, ...cloud } = cluster.environment;
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: `zeroloss-${name}` } };
  await cluster.kube.create(SECRETS, { ...secret, stringData: { ...cloud, config } }, { namespace: PLACE });
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
  const { metadata } = await cluster.kube.create(
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
    const stage = await openStage(t, cluster, { replicas: 2 });
    await enrol(stage, name);
    targets.push({ stage, cluster: name });
  }
  return targets;
}

/** How many pods of each have the new image. */
const updated = (targets: readonly Target[]): Promise<number[]> =>
  Promise.all(targets.map(({ stage }) => jobs.updated(stage)));

/** A StatefulSet that replaces its pods by itself, which no verb touches. */
const unfit = ({ stage }: Target) =>
  stage.patch('nginx', { spec: { updateStrategy: { type: 'RollingUpdate' } } }, STATEFUL_SETS);

test('the canary of a fleet comes first, and the others once a person agrees, with nothing lost', async (t) => {
  const all = await openTargets(t, ['one', 'two', 'three']);
  const traffic = await Promise.all(all.map(({ stage }) => stage.traffic()));
  const name = await submit(all.slice(0, 1), all.slice(1));
  await workflows.asked(PLACE, name, 'approve');
  assert.deepEqual(await updated(all), [2, 0, 0]);
  await workflows.agree(PLACE, name, 'approve');
  await workflows.ended(PLACE, name, 'Succeeded');
  assert.deepEqual(await updated(all), [2, 2, 2]);
  for (const each of traffic) assert.deepEqual((await each.stop()).lost, []);
});

test('of three canaries of which the second refuses, the first is upgraded, the third is not begun, and the fleet has failed', async (t) => {
  const all = await openTargets(t, ['four', 'five', 'six']);
  const [, second] = all;
  assert.ok(second);
  await unfit(second);
  const name = await submit(all, all);
  await workflows.ended(PLACE, name, 'Failed');
  assert.deepEqual(await updated(all), [2, 0, 0]);
  const nodes = await workflows.nodes(PLACE, name);
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
  await workflows.agree(PLACE, name, 'approve');
  await workflows.ended(PLACE, name, 'Failed');
  assert.deepEqual(await updated(all), [2, 0, 0]);
  const pods = (await workflows.nodes(PLACE, name)).filter(({ type }) => type === 'Pod');
  assert.deepEqual(pods.map(({ exitCode }) => exitCode).sort(), ['0', '4']);
});
