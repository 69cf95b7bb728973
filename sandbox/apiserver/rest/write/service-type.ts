/** The fields that a Service loses when its type changes: fields that the server or the old type gave it (Kubernetes: dropTypeDependentFields). */
import type { KubeObject } from '../../../../lib/ports.ts';
import { asMap, asMaps, type JsonMap, sameJson } from '../../../semantics/json.ts';

const hasNodePorts = (spec: JsonMap): boolean => spec['type'] === 'NodePort' || spec['type'] === 'LoadBalancer';
const isBalanced = (spec: JsonMap): boolean => spec['type'] === 'LoadBalancer';
const hasClusterIp = (spec: JsonMap): boolean => spec['type'] !== 'ExternalName';

const DEPENDENT: readonly { fields: readonly string[]; needed: (spec: JsonMap) => boolean }[] = [
  { fields: ['externalTrafficPolicy'], needed: hasNodePorts },
  { fields: ['allocateLoadBalancerNodePorts', 'loadBalancerClass'], needed: isBalanced },
  {
    fields: ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy', 'internalTrafficPolicy'],
    needed: hasClusterIp,
  },
];

/** The Service without what only its former type needed, unless the writer changed it in the same write. */
export function dropTypeDependents(service: KubeObject, before: KubeObject): KubeObject {
  const former = asMap(before['spec']);
  const spec = { ...asMap(service['spec']) };
  if (spec['type'] === former['type']) return service;
  for (const { fields, needed } of DEPENDENT) {
    if (!needed(former) || needed(spec)) continue;
    for (const field of fields) if (sameJson(spec[field], former[field])) delete spec[field];
  }
  if (hasNodePorts(former) && !hasNodePorts(spec) && sameJson(nodePorts(spec), nodePorts(former))) {
    spec['ports'] = asMaps(spec['ports']).map(({ nodePort: _dropped, ...port }) => port);
  }
  return { ...service, spec };
}

const nodePorts = (spec: JsonMap): unknown[] => asMaps(spec['ports']).map(({ nodePort }) => nodePort ?? null);
