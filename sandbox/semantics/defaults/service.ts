import type { ObjectMeta } from '../../../lib/ports.ts';
import { asMap, asMaps, type JsonMap } from '../json.ts';
import { fill, fillEach, fillField } from './fill.ts';

const NODE_PORTS = { first: 30_000, count: 2_768 };

/**
 * Kubernetes: SetDefaults_Service. Node ports are part of it here: drawn from the Service's name, so that every write
 * of it finds the same ones. They are unique within a Service; two Services may share one, which nothing here listens on.
 */
export function withServiceDefaults(object: JsonMap, metadata: ObjectMeta): JsonMap {
  const filled = fillField(object, 'spec', (spec) => {
    const type = spec['type'] ?? 'ClusterIP';
    const ports = fillEach(spec, 'ports', (port) =>
      fill(port['targetPort'] === 0 || port['targetPort'] === '' ? { ...port, targetPort: port['port'] } : port, {
        protocol: 'TCP',
        targetPort: port['port'],
      }),
    );
    const complete = fill(ports, {
      type,
      sessionAffinity: 'None',
      ...clusterDefaults(type),
      ...externalDefaults(type),
    });
    return withNodePorts(withAffinityTimeout(complete), metadata);
  });
  return fill(filled, { status: { loadBalancer: {} } });
}

const clusterDefaults = (type: unknown) =>
  type === 'ExternalName'
    ? {}
    : { ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack', internalTrafficPolicy: 'Cluster' };

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

function withNodePorts(spec: JsonMap, metadata: ObjectMeta): JsonMap {
  const wanted =
    spec['type'] === 'NodePort' || (spec['type'] === 'LoadBalancer' && spec['allocateLoadBalancerNodePorts'] === true);
  if (!wanted) {
    return spec;
  }
  const isSet = (port: JsonMap) => typeof port['nodePort'] === 'number' && port['nodePort'] !== 0;
  const taken = new Set(
    asMaps(spec['ports'])
      .filter(isSet)
      .map((port) => port['nodePort']),
  );
  return fillEach(spec, 'ports', (port) => {
    if (isSet(port)) {
      return port;
    }
    let offset = hash(`${metadata.namespace}/${metadata.name}/${port['protocol']}/${port['port']}`) % NODE_PORTS.count;
    while (taken.has(NODE_PORTS.first + offset)) {
      offset = (offset + 1) % NODE_PORTS.count;
    }
    taken.add(NODE_PORTS.first + offset);
    return { ...port, nodePort: NODE_PORTS.first + offset };
  });
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const character of text) {
    value = Math.imul(value ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  }
  return value;
}
