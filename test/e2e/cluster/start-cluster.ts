import { haproxyCarrier } from '../../haproxy/haproxy-carrier.ts';
import { clusterKind, type E2eCluster, type E2eOptions, usesHaproxy } from './cluster.ts';
import { startRealCluster } from './real-cluster.ts';
import { startSandboxCluster } from './sandbox-cluster.ts';

/**
 * Chosen by E2E_CLUSTER: `sandbox` (default) or `real`, which needs what `make test-tools` builds; and by E2E_BALANCER, with
 * which HAProxy carries the connections.
 */
export function startE2eCluster(more: E2eOptions = {}): Promise<E2eCluster> {
  const options = usesHaproxy() ? { carrier: haproxyCarrier, ...more } : more;
  const kind = clusterKind();
  return kind === 'real' ? startRealCluster(options) : startSandboxCluster(options);
}
