import { SERVICES } from '../../../lib/ports/resources.ts';
import type { RehearsalCluster } from '../../../sandbox/start/start-cluster.ts';

/** Where clients of a Service connect, on loopback. */
export async function frontDoorOf(
  cluster: Pick<RehearsalCluster, 'kube' | 'clb'>,
  name = 'nginx',
  port = 80,
): Promise<{ host: string; port: number }> {
  const service = await cluster.kube.get(SERVICES, name);
  const id = service.metadata.annotations?.['service.kubernetes.io/loadbalance-id'];
  const address = cluster.clb.addressOf(id ?? '', port);
  if (address === undefined) throw new Error(`the load balancer of service/${name} has no listener on port ${port}`);
  return address;
}
