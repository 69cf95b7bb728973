/**
 * The ways to a pod that lead past its load balancer: Services of every type inside the cluster, ports of its node, and ports that a
 * container declares. No weight stops a client there, so that its connections are counted in the pod.
 */

import type { PodFacts } from '../target/pod.ts';
import type { StatefulSetFacts } from '../target/stateful-set-facts.ts';
import type { CountedBackend } from '../zero/connection-series.ts';
import type { BalancerState, ListenerState } from './balancer-state.ts';
import { selectionOf, selects } from './selection.ts';
import { type ServiceFacts, TKE } from './service-facts.ts';

/** One TCP port of one pod. */
export interface InsidePort {
  port: number;
  /** The name that a container gives it. */
  name?: string;
  container?: string;
  /** The Services that lead there: `service/rabbit (ClusterIP)`. None: a container only declares it. */
  leads: readonly string[];
}

/**
 * Of all Services those that lead to a pod of the target past its load balancers. Not the `chosen` ones, nor others that bind pods
 * directly: those are the load balancer's, and looked for there.
 */
export function insideServices(
  all: readonly ServiceFacts[],
  chosen: readonly ServiceFacts[],
  set: StatefulSetFacts,
  pods: readonly PodFacts[],
): ServiceFacts[] {
  return all
    .filter(({ name }) => !chosen.some((each) => each.name === name))
    .filter(({ type, annotations }) => type !== 'LoadBalancer' || annotations[TKE.directAccess] !== 'true')
    .filter((service) => selectionOf(service, set, pods) !== undefined);
}

/** The words for a Service of this type, beside its name. */
export const typeText = ({ type, isHeadless }: Pick<ServiceFacts, 'type' | 'isHeadless'>): string =>
  isHeadless ? 'headless' : type;

const leadText = (service: ServiceFacts): string => `service/${service.name} (${typeText(service)})`;

/** The TCP ports of the pod that clients reach past the load balancer, in ascending order. `services`: those inside, of which those count that select it. */
export function insidePorts(pod: PodFacts, services: readonly ServiceFacts[]): InsidePort[] {
  const leads = services
    .filter((service) => selects(service, pod))
    .flatMap((service) => targetPorts(service, pod).map((port) => ({ port, lead: leadText(service) })));
  const declared = pod.ports.filter(({ protocol, port }) => protocol === 'TCP' && port > 0);
  const ofNode = declared.flatMap(({ port, hostPort }) =>
    hostPort === undefined ? [] : [{ port, lead: `port ${hostPort} of its node` }],
  );
  const byPort = Map.groupBy([...leads, ...ofNode], ({ port }) => port);
  const all = new Set([...byPort.keys(), ...declared.map(({ port }) => port)]);
  return [...all]
    .sort((a, b) => a - b)
    .map((port) => {
      const owner = declared.find((each) => each.port === port);
      return {
        port,
        ...(owner === undefined ? {} : { container: owner.container }),
        ...(owner === undefined || owner.name === '' ? {} : { name: owner.name }),
        leads: [...new Set((byPort.get(port) ?? []).map(({ lead }) => lead))].sort(),
      };
    });
}

/**
 * Of a pod that was never ready, the ports at which clients reach it all the same: by a Service that leads to pods that are not
 * ready, and by a port of its node. A container that does not run has no connection.
 */
export const portsBeforeReady = (pod: PodFacts, services: readonly ServiceFacts[]): InsidePort[] =>
  insidePorts(
    pod,
    services.filter(({ publishesNotReady }) => publishesNotReady),
  ).filter(
    ({ leads, container }) =>
      leads.length > 0 && (container === undefined ? pod.running.length > 0 : pod.running.includes(container)),
  );

/** Where the Service's TCP ports end in the pod; a name that no container gives a port leads nowhere. */
const targetPorts = (service: ServiceFacts, pod: PodFacts): number[] =>
  service.ports
    .filter(({ protocol }) => protocol === 'TCP')
    .flatMap(({ targetPort }) =>
      typeof targetPort === 'number'
        ? [targetPort]
        : pod.ports.filter(({ name, protocol }) => name === targetPort && protocol === 'TCP').map(({ port }) => port),
    );

/** `TCP/5672 to port amqp`, for people. */
export const servicePortTexts = ({ ports }: ServiceFacts): string[] =>
  ports.map(
    ({ protocol, port, targetPort }) => `${protocol}/${port}${targetPort === port ? '' : ` to port ${targetPort}`}`,
  );

/** `service/rabbit (ClusterIP, TCP/5672)`. */
export const serviceText = (service: ServiceFacts): string =>
  `service/${service.name} (${[typeText(service), ...servicePortTexts(service)].join(', ')})`;

/** Whether `--ignore-port` names it, by name or number. */
export const isIgnored = ({ port, name }: InsidePort, ignored: readonly string[]): boolean =>
  ignored.includes(String(port)) || (name !== undefined && ignored.includes(name));

/** The backend that a connection source is asked to count there. `nodeAddresses` are the pod's node's. */
export function insideBackend(pod: PodFacts, { port, name, container, leads }: InsidePort): CountedBackend {
  return {
    pod: pod.name,
    podUid: pod.uid,
    address: pod.address,
    port,
    // Two ways to be reached are two things to be counted: a Service may come to lead to a port that was only declared.
    listener: { ...NO_LISTENER, id: leads.length === 0 ? 'declared' : 'in-cluster', port },
    balancer: NO_BALANCER,
    inside: { leads, nodeAddresses: pod.nodeAddresses, ...(name === undefined ? {} : { name }) },
    ...(container === undefined ? {} : { container }),
  };
}

const NO_LISTENER: ListenerState = {
  id: 'in-cluster',
  protocol: 'TCP',
  port: 0,
  scheduler: 'none',
  sessionExpireSeconds: 0,
  targetType: 'NODE',
  flags: [],
  resetsOnUnbind: false,
  healthCheck: { on: false, intervalSeconds: 0, healthyThreshold: 0, unhealthyThreshold: 0 },
  backends: [],
};

const NO_BALANCER: BalancerState = {
  id: '',
  name: '',
  vips: [],
  network: 'private',
  numericVpcId: '',
  region: '',
  running: true,
  listeners: [],
  observedAtMs: 0,
};
