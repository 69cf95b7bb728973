import { startCluster } from '../../../sandbox/start/start-cluster.ts';
import type { E2eCluster, E2eOptions } from './cluster.ts';
import { frontDoorOf } from './front-door.ts';

export async function startSandboxCluster(options: E2eOptions): Promise<E2eCluster> {
  const cluster = await startCluster(options);
  return {
    ...cluster,
    kind: 'sandbox',
    kubeconfig: cluster.api.kubeconfigFile,
    frontDoor: (service, port) => frontDoorOf(cluster, service, port),
    kubeconfigFor: (user, groups, more) => cluster.api.kubeconfigFor(user, groups, more),
  };
}
