/** The Endpoints object and the EndpointSlices that show a Service's endpoint groups. */
import { createHash } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { SERVICES } from '../../../lib/ports/resources.ts';
import type { KubeObject } from '../../../lib/ports.ts';
import { controllerReference } from '../controller-ref.ts';
import type { EndpointGroup, EndpointPort, PodEndpoint, Service } from './endpoint-groups.ts';

export const SERVICE_NAME_LABEL = 'kubernetes.io/service-name';
export const MANAGED_BY_LABEL = 'endpointslice.kubernetes.io/managed-by';
export const MANAGED_BY = 'endpointslice-controller.k8s.io';

const MAX_ENDPOINTS_PER_SLICE = 100;

/** Endpoints hold no terminating pods, unless the Service publishes what is not ready. */
export function endpointsObject(service: Service, groups: readonly EndpointGroup[]): KubeObject {
  const publishAll = service.spec.publishNotReadyAddresses === true;
  const subsets = groups.flatMap(({ ports, endpoints }) => {
    const shown = endpoints.filter((endpoint) => publishAll || !endpoint.terminating);
    const ready = shown.filter((endpoint) => endpoint.ready).map((endpoint) => address(service, endpoint));
    const notReady = shown.filter((endpoint) => !endpoint.ready).map((endpoint) => address(service, endpoint));
    if (shown.length === 0) return [];
    return [
      {
        ...(ready.length > 0 ? { addresses: ready } : {}),
        ...(notReady.length > 0 ? { notReadyAddresses: notReady } : {}),
        ...(ports.length > 0 ? { ports: ports.map(unnamedIfEmpty) } : {}),
      },
    ];
  });
  return {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: {
      ...identity(service, service.metadata.name),
      labels: { ...service.metadata.labels, 'endpoints.kubernetes.io/managed-by': 'endpoint-controller' },
    },
    ...(subsets.length > 0 ? { subsets } : {}),
  };
}

/** Slices of at most 100 endpoints; their names come from what they hold, so that making one twice is a conflict and not a double. */
export function endpointSlices(service: Service, groups: readonly EndpointGroup[]): KubeObject[] {
  const shown = groups.length > 0 ? groups : [{ ports: [], endpoints: [] }];
  return shown.flatMap(({ ports, endpoints }) => {
    const count = Math.max(1, Math.ceil(endpoints.length / MAX_ENDPOINTS_PER_SLICE));
    return Array.from({ length: count }, (_, index) => {
      const part = endpoints.slice(index * MAX_ENDPOINTS_PER_SLICE, (index + 1) * MAX_ENDPOINTS_PER_SLICE);
      return slice(service, ports, part, index);
    });
  });
}

function slice(service: Service, ports: readonly EndpointPort[], endpoints: readonly PodEndpoint[], index: number) {
  const addressType = isV6(service, endpoints) ? 'IPv6' : 'IPv4';
  const hash = createHash('sha256')
    .update(JSON.stringify([addressType, ports, index]))
    .digest('hex')
    .slice(0, 5);
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      ...identity(service, `${service.metadata.name}-${hash}`),
      labels: {
        ...service.metadata.labels,
        [SERVICE_NAME_LABEL]: service.metadata.name,
        [MANAGED_BY_LABEL]: MANAGED_BY,
        ...(service.spec.clusterIP === 'None' ? { 'service.kubernetes.io/headless': '' } : {}),
      },
      ownerReferences: [controllerReference(SERVICES, service)],
    },
    addressType,
    endpoints: endpoints.map((endpoint) => ({
      addresses: [endpoint.ip],
      conditions: { ready: endpoint.ready, serving: endpoint.serving, terminating: endpoint.terminating },
      ...hostname(service, endpoint),
      ...node(endpoint),
      targetRef: target(endpoint),
    })),
    ports: [...ports],
  } satisfies KubeObject;
}

// A Service that says no family shows its pods' own; one without pods is taken for IPv4.
function isV6(service: Service, endpoints: readonly PodEndpoint[]): boolean {
  const family = service.spec.ipFamilies?.[0];
  return family === undefined ? isIPv6(endpoints[0]?.ip ?? '') : family === 'IPv6';
}

function identity(service: Service, name: string): KubeObject['metadata'] {
  const { namespace } = service.metadata;
  return { name, ...(namespace === undefined ? {} : { namespace }) };
}

function address(service: Service, endpoint: PodEndpoint) {
  return { ip: endpoint.ip, ...hostname(service, endpoint), ...node(endpoint), targetRef: target(endpoint) };
}

function target({ pod }: PodEndpoint) {
  const { name, namespace, uid } = pod.metadata;
  return {
    kind: 'Pod',
    name,
    ...(namespace === undefined ? {} : { namespace }),
    ...(uid === undefined ? {} : { uid }),
  };
}

function node({ pod }: PodEndpoint): { nodeName?: string } {
  return pod.spec.nodeName ? { nodeName: pod.spec.nodeName } : {};
}

// Pods have a DNS name of their own under their governing Service only.
function hostname(service: Service, { pod }: PodEndpoint): { hostname?: string } {
  return pod.spec.hostname && pod.spec.subdomain === service.metadata.name ? { hostname: pod.spec.hostname } : {};
}

function unnamedIfEmpty({ name, ...port }: EndpointPort) {
  return name === '' ? port : { name, ...port };
}
