/**
 * The join of three views: what a Service wants, which pods there are, and what its load balancer shows.
 * Law: a binding that cannot be found is reported as missing, never as weight 0.
 */

import type { PodFacts } from '../target/pod.ts';
import { wantedWeights } from '../weights/drain-set.ts';
import { keyText, type RsWeight } from '../weights/rs-weight.ts';
import type { CountedBackend } from '../zero/connection-series.ts';
import type { BackendState, BalancerState, ListenerState } from './balancer-state.ts';
import { selecting } from './selection.ts';
import type { ServiceFacts, ServicePort } from './service-facts.ts';

/** A Service with its annotation parsed and its load balancer read. */
export interface BoundService {
  service: ServiceFacts;
  document: RsWeight | undefined;
  balancer: BalancerState;
}

/** One pod on one port of one Service. `bindings` are the backends the load balancer shows for it: one, or one per layer-7 rule. */
export interface PodBinding {
  pod: PodFacts;
  service: ServiceFacts;
  port: ServicePort;
  wanted: number;
  balancer: BalancerState;
  listener: ListenerState | undefined;
  bindings: readonly BackendState[];
}

export const portKeys = (service: ServiceFacts) =>
  service.ports.map((port) => ({ proto: port.protocol, port: port.port }));

/** Of the pods that the Service selects now: of any other its load balancer has to show nothing. */
export function bindingsOf(bound: BoundService, statefulSet: string, all: readonly PodFacts[]): PodBinding[] {
  const { service, document, balancer } = bound;
  const pods = all.filter(selecting(service));
  return service.ports.flatMap((port) => {
    const listeners = balancer.listeners.filter((listener) => serves(listener, port));
    const wantedOf = wantedWeights(document, { proto: port.protocol, port: port.port }, statefulSet);
    return pods.flatMap((pod) =>
      (listeners.length > 0 ? listeners : [undefined]).map((listener) => ({
        pod,
        service,
        port,
        wanted: wantedOf(pod.ordinal),
        balancer,
        listener,
        bindings:
          listener === undefined ? [] : backendsAt(listener, pod).filter((backend) => isPodPort(backend, pod, port)),
      })),
    );
  });
}

/**
 * A listener of the Service's port. TKE may give it another protocol than the Service declares (specify-protocol:
 * TCP_SSL, HTTP, QUIC), so only UDP and the rest are distinguished.
 */
function serves(listener: ListenerState, port: ServicePort): boolean {
  const inRange =
    port.port === listener.port ||
    (listener.endPort !== undefined && port.port >= listener.port && port.port <= listener.endPort);
  return inRange && (listener.protocol === port.protocol || isUdp(listener) === isUdp(port));
}

/** Whether datagrams are carried, of which the pods' tables of TCP connections know nothing: QUIC runs over UDP (RFC 9000). */
export const isUdp = ({ protocol }: { protocol: string }): boolean => protocol === 'UDP' || protocol === 'QUIC';

/** Of each list of backends that was looked at, by address: pod by pod, 5,000 pods would look at 25 million backends. */
const indexes = new WeakMap<readonly BackendState[], ReadonlyMap<string, readonly BackendState[]>>();

/** A pod as a listener shows it, by any of its addresses. */
export function backendsAt({ backends }: ListenerState, { addresses }: PodFacts): readonly BackendState[] {
  const index = indexes.get(backends) ?? Map.groupBy(backends, (backend) => backend.address);
  indexes.set(backends, index);
  const [first, ...others] = addresses;
  const shown = first === undefined ? [] : (index.get(first) ?? []);
  return others.length === 0 ? shown : [...shown, ...others.flatMap((address) => index.get(address) ?? [])];
}

function isPodPort(backend: BackendState, pod: PodFacts, port: ServicePort): boolean {
  const target =
    typeof port.targetPort === 'number'
      ? port.targetPort
      : pod.ports.find((each) => each.name === port.targetPort)?.port;
  return target === undefined || backend.port === target;
}

/** Every other backend of the same pod on the balancer, independent of the Service: it too must be at 0 before the pod goes. */
export function strayBindings(bound: BoundService, pod: PodFacts): BackendState[] {
  const expected = new Set(bindingsOf(bound, '', [pod]).flatMap((binding) => binding.bindings));
  return bound.balancer.listeners.flatMap((listener) =>
    backendsAt(listener, pod).filter((backend) => !expected.has(backend)),
  );
}

export function where(binding: Pick<PodBinding, 'service' | 'port'>): string {
  return `service/${binding.service.name} ${keyText({ proto: binding.port.protocol, port: binding.port.port })}`;
}

/** Why the load balancer does not show the wanted weight, or undefined when it does. */
export function disagreement(binding: PodBinding): string | undefined {
  const { pod, balancer, listener, bindings, wanted, port } = binding;
  if (listener === undefined)
    return `${balancer.id} has no listener for ${keyText({ proto: port.protocol, port: port.port })}`;
  if (bindings.length === 0)
    return `${balancer.id} does not show ${pod.name} (${pod.address || 'no address'}) on ${listener.protocol}/${listener.port}`;
  const other = bindings.find((backend) => backend.weight !== wanted);
  return other === undefined
    ? undefined
    : `${balancer.id} shows ${pod.name} at weight ${other.weight} on ${listener.protocol}/${listener.port}, wanted ${wanted}`;
}

/**
 * Whether new connections reach the pod here, and will: weight above 0 and healthy, as the load balancer itself says, and
 * wanted by the annotation too. A 0 that was written a moment ago is applied any moment.
 */
export function isServing(binding: PodBinding): boolean {
  return binding.wanted > 0 && binding.bindings.length > 0 && binding.bindings.every(isSending);
}

/** Whether the load balancer sends new connections to this backend. */
export const isSending = ({ weight, health }: BackendState): boolean =>
  weight > 0 && (health === 'alive' || health === 'off');

/** The backend that a connection source is asked to count for this binding. */
export function countedBackends({ pod, listener, balancer, bindings }: PodBinding): CountedBackend[] {
  if (listener === undefined) return [];
  const places = new Map(bindings.map(({ address, port }) => [`${address} ${port}`, { address, port }]));
  return [...places.values()].map((place) => countedAt(pod, { balancer, listener, ...place }));
}

/** One address and port of a pod on one listener; several rules of a layer-7 listener are one. */
export function countedAt(
  pod: PodFacts,
  place: Pick<CountedBackend, 'balancer' | 'listener' | 'address' | 'port' | 'elsewhere'>,
): CountedBackend {
  const container = pod.ports.find((each) => each.port === place.port)?.container;
  return {
    pod: pod.name,
    podUid: pod.uid,
    ...place,
    ...(container === undefined ? {} : { container }),
  };
}

/** One key per pod, listener and port. */
export const backendKey = ({ podUid, balancer, listener, address, port }: CountedBackend): string =>
  `${podUid} ${balancer.id} ${listener.id} ${address}:${port}`;

/** `TCP/80`; on a listener that no chosen Service explains, with its load balancer; past every load balancer, `in-cluster TCP/5672`. */
export const placeText = ({ balancer, listener, elsewhere, inside }: CountedBackend): string => {
  const where = elsewhere === true ? balancer.id : inside === undefined ? '' : listener.id;
  return `${where === '' ? '' : `${where} `}${listener.protocol}/${listener.port}`;
};
