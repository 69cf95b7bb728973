/** Services after the guide's manifest; test/builders.ts exports them. */
import type { KubeObject } from '../lib/ports.ts';
import { mergePatch } from '../sandbox/semantics/patch/merge-patch.ts';

export interface ServiceOptions {
  name?: string;
  namespace?: string;
  uid?: string;
  type?: 'LoadBalancer' | 'ClusterIP' | 'NodePort';
  /** Default: one TCP port 80. */
  ports?: { port: number; name?: string; protocol?: 'TCP' | 'UDP'; targetPort?: number | string }[];
  selector?: Record<string, string>;
  directAccess?: boolean;
  /** The text of service.cloud.tencent.com/lb-rs-weight. */
  rsWeight?: string;
  loadBalancerId?: string;
  annotations?: Record<string, string>;
  merge?: Record<string, unknown>;
}

/** The guide's Service: LoadBalancer with direct access on TCP port 80, bound to lb-nginx at 203.0.113.10. */
export function service(options: ServiceOptions = {}): KubeObject {
  const name = options.name ?? 'nginx';
  const ports = options.ports ?? [{ port: 80 }];
  const loadBalancer = (options.type ?? 'LoadBalancer') === 'LoadBalancer';
  const object: KubeObject = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name,
      namespace: options.namespace ?? 'default',
      uid: options.uid ?? `svc-${options.namespace ?? 'default'}-${name}`,
      creationTimestamp: '2026-01-01T00:00:00Z',
      labels: { app: name },
      annotations: {
        ...((options.directAccess ?? true) ? { 'service.cloud.tencent.com/direct-access': 'true' } : {}),
        ...(loadBalancer ? { 'service.kubernetes.io/loadbalance-id': options.loadBalancerId ?? `lb-${name}` } : {}),
        ...(options.rsWeight === undefined ? {} : { 'service.cloud.tencent.com/lb-rs-weight': options.rsWeight }),
        ...options.annotations,
      },
    },
    spec: {
      type: options.type ?? 'LoadBalancer',
      clusterIP: '10.96.0.10',
      selector: options.selector ?? { app: name },
      ports: ports.map((port) => ({ protocol: 'TCP', targetPort: port.port, ...port })),
    },
    status: { loadBalancer: loadBalancer ? { ingress: [{ ip: '203.0.113.10' }] } : {} },
  };
  return structuredClone(mergePatch(object, options.merge ?? {})) as KubeObject;
}
