/** How Cloud Monitor names the series of one backend (namespaces QCE/LB_PUBLIC and QCE/LB_PRIVATE, backend dimension set). */
import { isUdp } from '../../core/facts/backends.ts';
import type { CountedBackend } from '../../ports.ts';

export interface Dimension {
  Name: string;
  Value: string;
}

/** The dimensions that together single out one backend port of one listener. */
export const BACKEND_DIMENSIONS = ['vip', 'loadBalancerPort', 'protocol', 'vpcId', 'lanIp', 'port'] as const;

/** The request for one backend; every metric in `metrics` must be 0 for the backend to be idle. */
export interface SeriesPlan {
  namespace: 'QCE/LB_PUBLIC' | 'QCE/LB_PRIVATE';
  region: string;
  metrics: readonly string[];
  dimensions: readonly Dimension[];
}

/**
 * The plan, or why this backend cannot be counted here. vpcId is the numeric id, and lanIp the pod's address.
 * A UDP or QUIC "connection" is a flow that idles out after minutes, so its packets are asked for too.
 */
export function planSeries(backend: CountedBackend): SeriesPlan | { because: string } {
  const { balancer, listener, address, port } = backend;
  const [vip, ...more] = balancer.vips;
  if (vip === undefined) {
    const name = balancer.domain === undefined ? '' : ` (only the domain ${balancer.domain})`;
    return { because: `${balancer.id} shows no VIP${name}, and Cloud Monitor keeps its series by VIP` };
  }
  if (more.length > 0) {
    return {
      because: `${balancer.id} has several VIPs (${balancer.vips.join(', ')}), and it is not known how Cloud Monitor shares the connections out among them`,
    };
  }
  if (listener.endPort !== undefined) {
    return {
      because: `listener ${listener.id} is a range of ports (${listener.port}-${listener.endPort}), and it is not known under which of them Cloud Monitor keeps its series`,
    };
  }
  if (balancer.numericVpcId === '') {
    return { because: `the cloud does not return the numeric VPC id of ${balancer.id}, which Cloud Monitor requires` };
  }
  const values: Record<(typeof BACKEND_DIMENSIONS)[number], string> = {
    vip,
    loadBalancerPort: String(listener.port),
    protocol: listener.protocol,
    vpcId: balancer.numericVpcId,
    lanIp: address,
    port: String(port),
  };
  return {
    namespace: balancer.network === 'public' ? 'QCE/LB_PUBLIC' : 'QCE/LB_PRIVATE',
    region: balancer.region,
    metrics: isUdp(listener) ? ['ConNum', 'InPkg'] : ['ConNum'],
    dimensions: BACKEND_DIMENSIONS.map((name) => ({ Name: name, Value: values[name] })),
  };
}

/** A key that is the same for the same set of dimensions in any order. */
export function dimensionKey(dimensions: readonly Dimension[]): string {
  return dimensions
    .map(({ Name, Value }) => `${Name}=${Value}`)
    .sort()
    .join(' ');
}
