/** The checks of a Service: its type, ports and addresses. */

import { asMap, asMaps, asText, type JsonMap } from '../json.ts';
import { dnsLabelError } from '../valid-names.ts';
import {
  duplicate,
  duplicates,
  type FieldError,
  forbidden,
  invalid,
  named,
  oneOf,
  portNumber,
  required,
} from './field-error.ts';
import { PROTOCOLS, portNameError } from './validate-container.ts';
import { validateLabels } from './validate-metadata.ts';

const TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const NODE_PORTS = { first: 30_000, last: 32_767 };

/** Kubernetes: ValidateService and ValidateServiceUpdate. */
export function validateService(object: JsonMap, old: JsonMap | undefined): FieldError[] {
  const spec = asMap(object['spec']);
  const ports = asMaps(spec['ports']);
  const portless = spec['type'] === 'ExternalName' || spec['clusterIP'] === 'None';
  return [
    ...(ports.length === 0 && !portless ? [required('spec.ports')] : []),
    ...ports.flatMap((port, index) => validatePort(`spec.ports[${index}]`, port, ports.length > 1)),
    ...duplicates(
      ports.map((port) => port['name']),
      (index) => `spec.ports[${index}].name`,
    ),
    ...duplicatePorts(ports),
    ...oneOf('spec.type', spec['type'], TYPES),
    ...oneOf('spec.sessionAffinity', spec['sessionAffinity'], ['ClientIP', 'None']),
    ...validateLabels('spec.selector', spec['selector']),
    ...validateType(spec, ports, old === undefined ? undefined : asMap(old['spec'])),
    ...validateClusterIp(spec, old === undefined ? undefined : asMap(old['spec'])),
  ];
}

function validatePort(field: string, port: JsonMap, nameRequired: boolean): FieldError[] {
  const { name, targetPort, nodePort } = port;
  return [
    ...(asText(name) !== '' || nameRequired ? named(`${field}.name`, name, dnsLabelError) : []),
    ...portNumber(`${field}.port`, port['port']),
    ...oneOf(`${field}.protocol`, port['protocol'], PROTOCOLS),
    ...(typeof targetPort === 'string'
      ? named(`${field}.targetPort`, targetPort, portNameError)
      : portNumber(`${field}.targetPort`, targetPort)),
    ...(nodePort === undefined || nodePort === 0 || inNodePorts(nodePort)
      ? []
      : [
          invalid(
            `${field}.nodePort`,
            nodePort,
            `provided port is not in the valid range. The range of valid ports is ${NODE_PORTS.first}-${NODE_PORTS.last}`,
          ),
        ]),
  ];
}

const inNodePorts = (port: unknown) =>
  typeof port === 'number' && Number.isInteger(port) && port >= NODE_PORTS.first && port <= NODE_PORTS.last;

/** One number may serve several protocols, but each of them once. */
function duplicatePorts(ports: readonly JsonMap[]): FieldError[] {
  const seen = new Set<string>();
  return ports.flatMap((port, index) => {
    const key = `${port['protocol']}/${port['port']}`;
    const again = seen.has(key);
    seen.add(key);
    return again ? [duplicate(`spec.ports[${index}]`, { port: port['port'], protocol: port['protocol'] })] : [];
  });
}

/** Fields that the type does not go with. A change of type leaves old values behind, which the real server drops. */
function validateType(spec: JsonMap, ports: readonly JsonMap[], old: JsonMap | undefined): FieldError[] {
  if (spec['type'] === 'ExternalName') {
    return asText(spec['externalName']) === '' ? [required('spec.externalName')] : [];
  }
  if (spec['type'] !== 'ClusterIP' || (old !== undefined && old['type'] !== 'ClusterIP')) {
    return [];
  }
  return [
    ...ports.flatMap((port, index) =>
      port['nodePort'] === undefined || port['nodePort'] === 0
        ? []
        : [forbidden(`spec.ports[${index}].nodePort`, "may not be used when `type` is 'ClusterIP'")],
    ),
    ...(spec['externalTrafficPolicy'] === undefined
      ? []
      : [
          invalid(
            'spec.externalTrafficPolicy',
            spec['externalTrafficPolicy'],
            'may only be set for externally-accessible services',
          ),
        ]),
  ];
}

function validateClusterIp(spec: JsonMap, old: JsonMap | undefined): FieldError[] {
  const ip = asText(spec['clusterIP']);
  const before = asText(old?.['clusterIP']);
  const external = spec['type'] === 'ExternalName' || old?.['type'] === 'ExternalName';
  // An absent address is filled in from the live one when the Service is stored.
  return before === '' || ip === '' || ip === before || external
    ? []
    : [invalid('spec.clusterIPs[0]', [ip], 'may not change once set')];
}
