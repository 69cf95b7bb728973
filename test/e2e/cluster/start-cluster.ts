import { clusterKind, type E2eCluster, type E2eOptions } from './cluster.ts';
import { startRealCluster } from './real-cluster.ts';
import { startSandboxCluster } from './sandbox-cluster.ts';

/** Chosen by E2E_CLUSTER: `sandbox` (default) or `real`, which needs what `make test-tools` builds. */
export function startE2eCluster(options: E2eOptions = {}): Promise<E2eCluster> {
  const kind = clusterKind();
  return kind === 'real' ? startRealCluster(options) : startSandboxCluster(options);
}
