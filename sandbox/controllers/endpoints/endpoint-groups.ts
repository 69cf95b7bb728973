/** Which pods stand behind a Service, and on which of their ports. Pods that resolve to the same ports form a group. */
import { isIPv6 } from 'node:net';
import { labelsMatch } from '../../../lib/core/values/label-selector.ts';
import type { KubeObject } from '../../../lib/ports.ts';
import { isFinished, isReady, isTerminating } from '../controlled-pod.ts';
import type { Pod } from '../controller-types.ts';

export interface EndpointsPort {
  name?: string;
  port: number;
  protocol?: string;
  targetPort?: number | string;
  appProtocol?: string;
}

export interface Service extends KubeObject {
  spec: {
    type?: string;
    clusterIP?: string;
    ipFamilies?: string[];
    selector?: Record<string, string>;
    ports?: EndpointsPort[];
    publishNotReadyAddresses?: boolean;
  };
}

export interface EndpointPort {
  name: string;
  port: number;
  protocol: string;
  appProtocol?: string;
}

export interface PodEndpoint {
  pod: Pod;
  ip: string;
  /** Takes new traffic: serving and not terminating, or published regardless. */
  ready: boolean;
  serving: boolean;
  terminating: boolean;
}

export interface EndpointGroup {
  ports: EndpointPort[];
  endpoints: PodEndpoint[];
}

/** A Service whose endpoints are ours to write: it selects pods and is not an alias. */
export function selectsPods(service: Service): boolean {
  return Object.keys(service.spec.selector ?? {}).length > 0 && service.spec.type !== 'ExternalName';
}

/** All endpoints of a Service, terminating ones too; finished pods and pods without an address are none. */
export function endpointGroups(service: Service, pods: readonly Pod[]): EndpointGroup[] {
  const groups = new Map<string, EndpointGroup>();
  for (const pod of pods.filter((candidate) => isBehind(service, candidate)).toSorted(byName)) {
    const ip = addressOf(service, pod);
    if (ip === undefined) continue;
    const ports = portsOf(service, pod);
    if (ports.length === 0 && (service.spec.ports ?? []).length > 0) continue;
    const key = JSON.stringify(ports);
    const group = groups.get(key) ?? { ports, endpoints: [] };
    group.endpoints.push(endpointOf(service, pod, ip));
    groups.set(key, group);
  }
  return [...groups.values()];
}

function isBehind(service: Service, pod: Pod): boolean {
  return (
    pod.metadata.namespace === service.metadata.namespace &&
    !isFinished(pod) &&
    labelsMatch({ matchLabels: service.spec.selector ?? {} }, pod.metadata.labels ?? {})
  );
}

function endpointOf(service: Service, pod: Pod, ip: string): PodEndpoint {
  const serving = isReady(pod);
  const terminating = isTerminating(pod);
  const ready = service.spec.publishNotReadyAddresses === true || (serving && !terminating);
  return { pod, ip, ready, serving, terminating };
}

// The pod's address of the Service's (first) family; a Service without one takes what the pod has.
function addressOf(service: Service, pod: Pod): string | undefined {
  const ips = pod.status?.podIPs?.map(({ ip }) => ip) ?? [];
  const { podIP } = pod.status ?? {};
  if (podIP !== undefined && !ips.includes(podIP)) ips.unshift(podIP);
  const family = service.spec.ipFamilies?.[0];
  return family === undefined ? ips[0] : ips.find((ip) => isIPv6(ip) === (family === 'IPv6'));
}

// A named target port is looked up in the pod's own containers: two revisions may resolve it differently.
function portsOf(service: Service, pod: Pod): EndpointPort[] {
  const declared = pod.spec.containers.flatMap((container) => container.ports ?? []);
  return (service.spec.ports ?? []).flatMap(({ name = '', port, protocol = 'TCP', targetPort = port, appProtocol }) => {
    const target =
      typeof targetPort === 'number'
        ? targetPort
        : declared.find((one) => one.name === targetPort && (one.protocol ?? 'TCP') === protocol)?.containerPort;
    if (target === undefined) return [];
    return [{ name, port: target, protocol, ...(appProtocol === undefined ? {} : { appProtocol }) }];
  });
}

const byName = (a: Pod, b: Pod): number => a.metadata.name.localeCompare(b.metadata.name, 'en', { numeric: true });
