/** A service-controller between a fake API server and real balancers. */
import type { TestContext } from 'node:test';
import { EVENTS, PODS, SERVICES } from '../../../lib/ports/resources.ts';
import type { KubeObject } from '../../../lib/ports.ts';
import type { Listener } from '../../../sandbox/clb/balancers/listener.ts';
import { HOST_PORTS_ANNOTATION } from '../../../sandbox/common/pod-behaviour.ts';
import {
  type ServiceController,
  type ServiceControllerOptions,
  startServiceController,
} from '../../../sandbox/service-controller/start-service-controller.ts';
import { READINESS_GATE } from '../../../sandbox/service-controller/targets/readiness-gate.ts';
import { FakeKube } from '../../fakes/api/kube.ts';
import { startTestClb, until } from '../clb/support.ts';

export const WEIGHTS = 'service.cloud.tencent.com/lb-rs-weight';

/** The guide's Service: direct access, TCP 80. */
export function service(annotations: Record<string, string> = {}, spec: object = {}): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: 'nginx',
      namespace: 'default',
      annotations: { 'service.cloud.tencent.com/direct-access': 'true', ...annotations },
    },
    spec: {
      type: 'LoadBalancer',
      selector: { app: 'nginx' },
      ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }],
      ...spec,
    },
  };
}

/** A running pod of StatefulSet nginx at 10.0.0.ORDINAL; `dialPort`: where its port 80 really listens on 127.0.0.1. */
export function pod(ordinal: number, options: { dialPort?: number; uid?: string; gate?: boolean } = {}): KubeObject {
  const { dialPort, uid = `uid-${ordinal}`, gate = false } = options;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `nginx-${ordinal}`,
      namespace: 'default',
      uid,
      labels: { app: 'nginx' },
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'nginx', uid: 'set', controller: true }],
      ...(dialPort === undefined
        ? {}
        : { annotations: { [HOST_PORTS_ANNOTATION]: JSON.stringify({ 80: `127.0.0.1:${dialPort}` }) } }),
    },
    spec: {
      nodeName: 'node-1',
      containers: [{ name: 'nginx', ports: [{ name: 'http', containerPort: 80 }] }],
      ...(gate ? { readinessGates: [{ conditionType: READINESS_GATE }] } : {}),
    },
    status: { phase: 'Running', podIP: `10.0.0.${ordinal}` },
  };
}

export interface Rig {
  kube: FakeKube;
  clb: ReturnType<typeof startTestClb>;
  controller: ServiceController;
  /** The listener on a port of the first balancer. */
  listener(port?: number): Listener | undefined;
  /** `address=weight` of each backend, sorted. */
  weights(port?: number): string;
  /** Resolves once `weights` says so. */
  show(expected: string, port?: number): Promise<void>;
  annotate(annotations: Record<string, string | undefined>): void;
  annotation(name: string): string | undefined;
  /** `type reason` of every Event, in order. */
  events(): string[];
}

export async function startRig(
  t: TestContext,
  objects: readonly KubeObject[],
  options: ServiceControllerOptions = {},
): Promise<Rig> {
  const kube = new FakeKube(objects, { gracefulPods: true, now: Date.now });
  const clb = startTestClb(t);
  const controller = startServiceController(kube, clb, { resyncMs: 60_000, ...options });
  t.after(() => controller.stop());
  const listener = (port = 80): Listener | undefined => clb.balancers[0]?.listenerAt(port);
  const weights = (port = 80): string =>
    (listener(port)?.targets ?? [])
      .map(({ address, weight }) => `${address}=${weight}`)
      .sort()
      .join(' ');
  return {
    kube,
    clb,
    controller,
    listener,
    weights,
    show: (expected, port) => until(() => weights(port) === expected),
    annotate(annotations) {
      kube.edit(SERVICES, 'nginx', ({ metadata }) => {
        metadata.annotations = Object.fromEntries(
          Object.entries({ ...metadata.annotations, ...annotations }).filter(
            (pair): pair is [string, string] => pair[1] !== undefined,
          ),
        );
      });
    },
    annotation: (name) => kube.object(SERVICES, 'nginx')?.metadata.annotations?.[name],
    // Their names are the time and a number, in hexadecimal digits of one width.
    events: () =>
      kube
        .objects(EVENTS)
        .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
        .map((event) => `${event['type']} ${event['reason']}`),
  };
}

/** The guide's annotation: these ordinals of nginx at 0 on TCP 80. */
export const drained = (...podIndexes: number[]): string =>
  JSON.stringify({
    defaultWeight: 10,
    groups: [
      { key: { proto: 'TCP', port: 80 }, statefulSets: [{ name: 'nginx', weights: [{ weight: 0, podIndexes }] }] },
    ],
  });

export const podCondition = (kube: FakeKube, name: string, type: string): Record<string, unknown> | undefined => {
  const status = kube.object(PODS, name)?.['status'];
  const conditions: unknown =
    typeof status === 'object' && status !== null && 'conditions' in status && status.conditions;
  return Array.isArray(conditions) ? conditions.find((condition) => condition.type === type) : undefined;
};
