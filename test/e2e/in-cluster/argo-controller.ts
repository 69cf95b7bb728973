/**
 * Argo's own workflow-controller on a control plane, with the definitions that its release applies. Its pods are run by the
 * sandbox's kubelet: the executor in them is Argo's own program too.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { load } from 'js-yaml';
import { list, text } from '../../../lib/core/values/read.ts';
import { CONFIG_MAPS, NAMESPACES } from '../../../lib/ports/resources.ts';
import type { KubeObject, Resource } from '../../../lib/ports.ts';
import { until } from '../../../sandbox/start/await-ready.ts';
import { sourceOf } from '../../../scripts/build/module-links.ts';
import type { E2eCluster } from '../cluster/cluster.ts';
import { goModulePath, goToolPath } from '../cluster/tools.ts';
import type { ProgramImage } from './pod/pod-process.ts';

export const EXECUTOR_IMAGE = 'argoexec-e2e:v1';
export const EXECUTOR: Readonly<Record<string, ProgramImage>> = {
  [EXECUTOR_IMAGE]: { folder: dirname(goToolPath('argoexec')), entrypoint: ['argoexec'] },
};

const NAMESPACE = 'argo';
const MODULE = 'github.com/argoproj/argo-workflows/v4';
const DEFINITIONS: Resource = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  plural: 'customresourcedefinitions',
  kind: 'CustomResourceDefinition',
  namespaced: false,
};

export interface ArgoController {
  stop(): Promise<void>;
}

/** Resolves once the controller works. `log`: a file. */
export async function startArgoController(cluster: E2eCluster, log: string): Promise<ArgoController> {
  const { kube } = cluster;
  await applyDefinitions(cluster);
  await kube.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } });
  const config = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'workflow-controller-configmap' },
    data: {
      metricsConfig: 'enabled: false\n',
      telemetryConfig: 'enabled: false\n',
      // As docs/in-cluster.md has it for namespaces that enforce the restricted standard.
      executor: JSON.stringify({
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
      }),
    },
  };
  await kube.create(CONFIG_MAPS, config, { namespace: NAMESPACE });
  const words = ['--kubeconfig', cluster.kubeconfig, '-n', NAMESPACE, '--executor-image', EXECUTOR_IMAGE];
  const child = spawn(goToolPath('workflow-controller'), words, {
    // It looks at a Workflow again after 10 s by default.
    env: { LEADER_ELECTION_DISABLE: 'true', DEFAULT_REQUEUE_TIME: '1s', HOME: dirname(log) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const file = createWriteStream(log, { mode: 0o600 });
  child.stdout.pipe(file);
  child.stderr.pipe(file);
  const ended = once(child, 'close');
  return {
    stop: async () => {
      // It takes no SIGTERM, and has nothing to put in order.
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** Those of the module itself, with the whole schema of what the tests apply, so that the API server refuses an unknown field. */
async function applyDefinitions({ kube }: E2eCluster): Promise<void> {
  const crds = join(sourceOf(goModulePath('workflow-controller'), MODULE), 'manifests/base/crds');
  const names = (await readdir(join(crds, 'minimal'))).filter((name) => name.startsWith('argoproj.io_'));
  for (const name of names) {
    const isUsed = /_(workflows|workflowtemplates|workflowtaskresults)\.yaml$/.test(name);
    const definition = load(await readFile(join(crds, isUsed ? 'full' : 'minimal', name), 'utf8')) as KubeObject;
    await kube.create(DEFINITIONS, definition);
  }
  const isEstablished = (definition: KubeObject) =>
    list(definition, 'status', 'conditions').some(
      (each) => text(each, 'type') === 'Established' && text(each, 'status') === 'True',
    );
  const all = async () =>
    (await kube.list(DEFINITIONS)).items.filter(({ metadata }) => metadata.name.endsWith('.argoproj.io'));
  await until(
    "Argo's definitions are served",
    async () => (await all()).every(isEstablished),
    new AbortController().signal,
    60_000,
  );
}
