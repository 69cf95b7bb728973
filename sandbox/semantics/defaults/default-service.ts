import { asMap, type JsonMap } from '../json.ts';
import { fill, fillEach, fillField } from './fill.ts';

/** Kubernetes: SetDefaults_Service. Cluster IPs, their families and node ports are allocated, not defaulted. */
export function withServiceDefaults(object: JsonMap): JsonMap {
  return fillField(object, 'spec', (spec) => {
    const type = spec['type'] ?? 'ClusterIP';
    const ports = fillEach(spec, 'ports', (port) =>
      fill(port['targetPort'] === 0 || port['targetPort'] === '' ? { ...port, targetPort: port['port'] } : port, {
        protocol: 'TCP',
        targetPort: port['port'],
      }),
    );
    return withAffinityTimeout(
      fill(ports, { type, sessionAffinity: 'None', ...clusterDefaults(type), ...externalDefaults(type) }),
    );
  });
}

const clusterDefaults = (type: unknown) => (type === 'ExternalName' ? {} : { internalTrafficPolicy: 'Cluster' });

const externalDefaults = (type: unknown) => ({
  ...(type === 'NodePort' || type === 'LoadBalancer' ? { externalTrafficPolicy: 'Cluster' } : {}),
  ...(type === 'LoadBalancer' ? { allocateLoadBalancerNodePorts: true } : {}),
});

function withAffinityTimeout(spec: JsonMap): JsonMap {
  if (spec['sessionAffinity'] !== 'ClientIP') {
    return spec;
  }
  const config = asMap(spec['sessionAffinityConfig']);
  return {
    ...spec,
    sessionAffinityConfig: { ...config, clientIP: fill(config['clientIP'], { timeoutSeconds: 10_800 }) },
  };
}
