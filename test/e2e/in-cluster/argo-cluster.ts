/** A real control plane with Argo's workflow-controller, whose pods are the built program and Argo's executor. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { E2eCluster } from '../cluster/cluster.ts';
import { startE2eCluster } from '../cluster/start-cluster.ts';
import { EXECUTOR, startArgoController } from './argo-controller.ts';
import { Jobs } from './jobs.ts';
import { OWN_IMAGES, type PodProcesses, podProcesses, refuseWithoutMounts } from './pod/pod-process.ts';
import { Workflows } from './workflows.ts';

export interface ArgoCluster {
  cluster: E2eCluster;
  jobs: Jobs;
  workflows: Workflows;
  stop(): Promise<void>;
}

/** `podEnv`: variables that every container of a pod has besides its own. Leaves nothing behind where it throws. */
export async function startArgoCluster(
  podEnv: (cluster: E2eCluster) => Readonly<Record<string, string>> = () => ({}),
): Promise<ArgoCluster> {
  await refuseWithoutMounts();
  await using started = new AsyncDisposableStack();
  const home = mkdtempSync(join(tmpdir(), 'zeroloss-argo-'));
  started.defer(() => rmSync(home, { recursive: true, force: true }));
  let server: URL;
  // Pods start once there is a cluster, and its address is known.
  const processes: PodProcesses = podProcesses(() => ({ kube: cluster.kube, server, env: podEnv(cluster) }), {
    ...OWN_IMAGES,
    ...EXECUTOR,
  });
  const cluster = await startE2eCluster({ launch: processes.launch });
  started.defer(() => cluster.stop());
  const jobs = new Jobs(cluster, processes, home);
  server = await jobs.server();
  const controller = await startArgoController(cluster, join(home, 'workflow-controller.log'));
  started.defer(() => controller.stop());
  const stack = started.move();
  return { cluster, jobs, workflows: new Workflows(jobs), stop: () => stack.disposeAsync() };
}
