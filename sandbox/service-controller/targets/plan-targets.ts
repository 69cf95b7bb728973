import { field, list, number, text, texts } from '../../../lib/core/values/read.ts';
import type { KubeObject } from '../../../lib/ports.ts';
import type { SocketAddress } from '../../clb/model.ts';
import { HOST_PORTS_ANNOTATION } from '../../common/pod-behaviour.ts';
import type { DeclaredPort, WantedListener } from '../listeners/plan-listeners.ts';
import type { CustomWeights } from './custom-weight.ts';
import { DEFAULT_WEIGHT, type Weights } from './weights.ts';

/** A backend that one listener is to have. */
export interface WantedTarget {
  address: string;
  port: number;
  weight: number;
  type: 'ENI' | 'CVM';
  /** Uid of the pod or node: another one at the same address is bound anew. */
  tag: string;
  dial: SocketAddress | undefined;
}

/** Whether the Service's selector matches; an empty selector matches nothing. */
export function selects(service: KubeObject, pod: KubeObject): boolean {
  const wanted = Object.entries(texts(service, 'spec', 'selector'));
  const labels = pod.metadata.labels ?? {};
  return (
    wanted.length > 0 &&
    service.metadata.namespace === pod.metadata.namespace &&
    wanted.every(([name, value]) => labels[name] === value)
  );
}

/** When a terminating pod's grace is over and it is unbound even though it is still there; undefined for others. */
export function graceEndMs(pod: KubeObject): number | undefined {
  const { deletionTimestamp } = pod.metadata;
  return deletionTimestamp === undefined ? undefined : Date.parse(deletionTimestamp);
}

/**
 * Where a pod is bound for a Service port: it needs an address and a running container, and is not on the host's network.
 * Undefined for one that is not bound.
 */
export function backendOf(
  pod: KubeObject,
  servicePort: DeclaredPort,
  nowMs: number,
): { address: string; port: number } | undefined {
  const address = text(pod, 'status', 'podIP');
  const port = targetPortOf(pod, servicePort);
  const over = (graceEndMs(pod) ?? Number.POSITIVE_INFINITY) <= nowMs;
  const running = text(pod, 'status', 'phase') === 'Running' && field(pod, 'spec', 'hostNetwork') !== true;
  return address === undefined || port === undefined || over || !running ? undefined : { address, port };
}

/**
 * The pods to bind on one port. A terminating pod stays at weight 0 until it is gone or its grace is over (TKE, graceful
 * shutdown of direct access, on by default).
 */
export function planPodTargets(
  pods: readonly KubeObject[],
  { servicePort, weightProtocol }: Pick<WantedListener, 'servicePort' | 'weightProtocol'>,
  weights: Weights,
  nowMs: number,
  custom: CustomWeights,
): WantedTarget[] {
  return pods.flatMap((pod) => {
    const backend = backendOf(pod, servicePort, nowMs);
    if (backend === undefined) return [];
    const key = { protocol: weightProtocol, port: servicePort.port };
    const weight = pod.metadata.deletionTimestamp === undefined ? weightOf(pod, key, weights, custom) : 0;
    const tag = pod.metadata.uid ?? pod.metadata.name;
    return [{ ...backend, weight, type: 'ENI', tag, dial: hostPort(pod, backend.port) }];
  });
}

/** Without direct access the nodes are bound, on the Service's node port. */
export function planNodeTargets(nodes: readonly KubeObject[], { nodePort }: DeclaredPort): WantedTarget[] {
  if (nodePort === undefined) return [];
  return nodes.flatMap((node) => {
    const internal = list(node, 'status', 'addresses').find((address) => text(address, 'type') === 'InternalIP');
    const address = text(internal, 'address');
    if (address === undefined) return [];
    const tag = node.metadata.uid ?? node.metadata.name;
    return [{ address, port: nodePort, weight: DEFAULT_WEIGHT, type: 'CVM', tag, dial: undefined }];
  });
}

/** How lb-rs-weight names a listener. */
type Key = Pick<DeclaredPort, 'protocol' | 'port'>;

function weightOf(pod: KubeObject, key: Key, weights: Weights, custom: CustomWeights): number {
  return custom.choose(pod, namedWeight(pod, key, weights), weights.defaultWeight);
}

function namedWeight(pod: KubeObject, { protocol, port }: Key, weights: Weights): number | undefined {
  const owner = pod.metadata.ownerReferences?.find(({ kind, controller }) => kind === 'StatefulSet' && controller);
  const ordinal =
    owner && pod.metadata.name.startsWith(`${owner.name}-`) && pod.metadata.name.slice(owner.name.length + 1);
  if (!owner || !ordinal || !/^\d+$/.test(ordinal)) return undefined;
  return weights.weightOf(protocol, port, owner.name, Number(ordinal));
}

function targetPortOf(pod: KubeObject, { targetPort, protocol }: DeclaredPort): number | undefined {
  if (typeof targetPort === 'number') return targetPort;
  for (const container of list(pod, 'spec', 'containers')) {
    for (const port of list(container, 'ports')) {
      const matches = text(port, 'name') === targetPort && (text(port, 'protocol') ?? 'TCP') === protocol;
      if (matches) return number(port, 'containerPort');
    }
  }
  return undefined;
}

/** Where the pod's port really listens, when it could not be bound on the pod's own address. */
export function hostPort(pod: KubeObject, port: number): SocketAddress | undefined {
  const annotation = pod.metadata.annotations?.[HOST_PORTS_ANNOTATION];
  if (annotation === undefined) return undefined;
  let ports: unknown;
  try {
    ports = JSON.parse(annotation);
  } catch {
    return undefined;
  }
  const [, host, number] = /^(.+):(\d+)$/.exec(text(ports, String(port)) ?? '') ?? [];
  return host === undefined ? undefined : { host, port: Number(number) };
}
