/** A StatefulSet of any size, its pods written as a kubelet would leave them: no process runs behind them. */

import { PODS, SERVICES, STATEFUL_SETS } from '../../lib/ports/resources.ts';
import type { Kube, KubeObject } from '../../lib/ports.ts';
import { HOST_PORTS_ANNOTATION } from '../common/pod-behaviour.ts';

export interface PodsOptions {
  namespace: string;
  /** Of the StatefulSet and of its Service. */
  name: string;
  count: number;
  /** So many of the first pods are at the newest revision, the rest at the one before. */
  updated: number;
  /** Where probes of the load balancer really go, pod by pod in turn. */
  hostPorts: readonly string[];
}

const REVISIONS = { current: 'web-5d8f', former: 'web-7c41' };
const LANES = 8;

/** Pods first and the Service last, so that it is bound once and not pod by pod. */
export async function createPods(kube: Kube, options: PodsOptions): Promise<void> {
  const { namespace, name, count } = options;
  const labels = { app: name };
  const template = {
    metadata: { labels },
    spec: { containers: [{ name: 'web', image: 'nginx:1.25.3', ports: [{ containerPort: 80 }] }] },
  };
  const set = await kube.create(
    STATEFUL_SETS,
    {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name },
      spec: {
        replicas: count,
        serviceName: name,
        selector: { matchLabels: labels },
        updateStrategy: { type: 'OnDelete' },
        template,
      },
    },
    { namespace },
  );
  await kube.patch(
    STATEFUL_SETS,
    name,
    { status: { replicas: count, readyReplicas: count, updateRevision: REVISIONS.current, observedGeneration: 1 } },
    { type: 'merge', subresource: 'status', namespace },
  );
  const lanes = Array.from({ length: LANES }, async (_, lane) => {
    for (let ordinal = lane; ordinal < count; ordinal += LANES) await createPod(kube, set, ordinal, options, template);
  });
  await Promise.all(lanes);
  await kube.create(
    SERVICES,
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, annotations: { 'service.cloud.tencent.com/direct-access': 'true' } },
      spec: { type: 'LoadBalancer', selector: labels, ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }] },
    },
    { namespace },
  );
}

async function createPod(
  kube: Kube,
  set: KubeObject,
  ordinal: number,
  { namespace, updated, count, hostPorts }: PodsOptions,
  { metadata, spec }: { metadata: { labels: object }; spec: object },
) {
  const name = `${set.metadata.name}-${ordinal}`;
  const revision = ordinal < updated ? REVISIONS.current : REVISIONS.former;
  await kube.create(
    PODS,
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name,
        annotations: { [HOST_PORTS_ANNOTATION]: JSON.stringify({ 80: hostPorts[ordinal % hostPorts.length] }) },
        labels: { ...metadata.labels, 'controller-revision-hash': revision },
        ownerReferences: [
          {
            apiVersion: 'apps/v1',
            kind: 'StatefulSet',
            name: set.metadata.name,
            uid: set.metadata.uid,
            controller: true,
          },
        ],
      },
      spec: { ...spec, nodeName: 'node-1' },
    },
    { namespace },
  );
  await kube.patch(
    PODS,
    name,
    {
      status: {
        phase: 'Running',
        podIP: addressOf(count, ordinal),
        podIPs: [{ ip: addressOf(count, ordinal) }],
        conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: new Date().toISOString() }],
        containerStatuses: [
          { name: 'web', ready: true, restartCount: 0, image: 'nginx:1.25.3', imageID: '', state: { running: {} } },
        ],
      },
    },
    { type: 'merge', subresource: 'status', namespace },
  );
}

/** Pods of StatefulSets of different sizes have different addresses. */
const addressOf = (count: number, ordinal: number): string =>
  `10.${20 + Math.round(Math.log10(count) * 20)}.${ordinal >> 8}.${ordinal & 255}`;
