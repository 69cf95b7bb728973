/**
 * Objects that are valid and settled unless asked otherwise: the guide's own StatefulSet and Service,
 * with pods as a real cluster shows them. `merge` changes anything else, as a merge patch.
 */
import type { KubeObject } from '../lib/ports.ts';
import { mergePatch } from '../sandbox/semantics/patch/merge-patch.ts';

export { service } from './service-builder.ts';

/** The hashes that the builders give the template before and after an image change. */
export const OLD_HASH = '6c8f7d9b54';
export const NEW_HASH = '7d9b546c8f';

const CREATED = '2026-01-01T00:00:00Z';
let serial = 0;

function uid(prefix: string): string {
  serial += 1;
  return `${prefix}-${String(serial).padStart(6, '0')}`;
}

export interface StatefulSetOptions {
  name?: string;
  namespace?: string;
  uid?: string;
  replicas?: number;
  image?: string;
  updateStrategy?: 'OnDelete' | 'RollingUpdate';
  podManagementPolicy?: 'Parallel' | 'OrderedReady';
  minReadySeconds?: number;
  ordinalsStart?: number;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  generation?: number;
  /** Default: the generation. */
  observedGeneration?: number;
  /** Full revision names; both NAME-OLD_HASH by default. Give `updateRevision: 'nginx-' + NEW_HASH` for an upgrade that has begun. */
  currentRevision?: string;
  updateRevision?: string;
  merge?: Record<string, unknown>;
}

/** The guide's StatefulSet: nginx, 10 replicas, OnDelete, Parallel, port 80 named http. Not being upgraded. */
export function statefulSet(options: StatefulSetOptions = {}): KubeObject {
  const name = options.name ?? 'nginx';
  const replicas = options.replicas ?? 10;
  const generation = options.generation ?? 1;
  const currentRevision = options.currentRevision ?? `${name}-${OLD_HASH}`;
  const updateRevision = options.updateRevision ?? currentRevision;
  const object: KubeObject = {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: {
      name,
      namespace: options.namespace ?? 'default',
      uid: options.uid ?? uid('sts'),
      generation,
      creationTimestamp: CREATED,
      ...(options.labels ? { labels: options.labels } : {}),
      ...(options.annotations ? { annotations: options.annotations } : {}),
    },
    spec: {
      replicas,
      podManagementPolicy: options.podManagementPolicy ?? 'Parallel',
      revisionHistoryLimit: 10,
      selector: { matchLabels: { app: name } },
      serviceName: name,
      template: {
        metadata: { annotations: { 'tke.cloud.tencent.com/networks': 'tke-route-eni' }, labels: { app: name } },
        spec: {
          containers: [
            {
              name,
              image: options.image ?? 'nginx:1.25.3',
              imagePullPolicy: 'IfNotPresent',
              ports: [{ containerPort: 80, name: 'http', protocol: 'TCP' }],
            },
          ],
          restartPolicy: 'Always',
          terminationGracePeriodSeconds: 30,
        },
      },
      updateStrategy: { type: options.updateStrategy ?? 'OnDelete' },
      ...(options.minReadySeconds === undefined ? {} : { minReadySeconds: options.minReadySeconds }),
      ...(options.ordinalsStart === undefined ? {} : { ordinals: { start: options.ordinalsStart } }),
    },
    status: {
      observedGeneration: options.observedGeneration ?? generation,
      replicas,
      readyReplicas: replicas,
      availableReplicas: replicas,
      currentReplicas: replicas,
      ...(updateRevision === currentRevision ? { updatedReplicas: replicas } : {}),
      currentRevision,
      updateRevision,
      collisionCount: 0,
    },
  };
  return structuredClone(mergePatch(object, options.merge ?? {})) as KubeObject;
}

export interface PodOptions {
  /** The owner; default: a fresh `statefulSet()`. */
  statefulSet?: KubeObject;
  ordinal?: number;
  uid?: string;
  /** The value of controller-revision-hash, a full revision name; default: the owner's currentRevision. */
  revision?: string;
  /** Default: the image of the owner's template. */
  image?: string;
  ready?: boolean;
  phase?: 'Pending' | 'Running' | 'Succeeded' | 'Failed';
  ip?: string;
  restarts?: number;
  /** Set: the pod is terminating. */
  deletionTimestamp?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  merge?: Record<string, unknown>;
}

/** A pod of a StatefulSet: running, ready, its load balancer gate true, at 10.0.0.(10 + ordinal). */
export function pod(options: PodOptions = {}): KubeObject {
  const owner = options.statefulSet ?? statefulSet();
  const ordinal = options.ordinal ?? 0;
  const { name } = owner.metadata;
  const spec = owner['spec'] as { template: { metadata: { labels: Record<string, string> }; spec: PodSpecPart } };
  const revision = options.revision ?? (owner['status'] as { currentRevision: string }).currentRevision;
  const podName = `${name}-${ordinal}`;
  const ready = options.ready ?? true;
  const phase = options.phase ?? 'Running';
  const ip = options.ip ?? `10.0.0.${10 + ordinal}`;
  const image = options.image ?? spec.template.spec.containers[0]?.image ?? '';
  const containers = spec.template.spec.containers.map((container) => ({ ...container, image }));
  const gate = 'cloud.tencent.com/load-balancer-backendgroup-ready';
  const object: KubeObject = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: podName,
      generateName: `${name}-`,
      namespace: owner.metadata.namespace ?? 'default',
      uid: options.uid ?? uid('pod'),
      creationTimestamp: CREATED,
      labels: {
        ...spec.template.metadata.labels,
        'apps.kubernetes.io/pod-index': String(ordinal),
        'controller-revision-hash': revision,
        'statefulset.kubernetes.io/pod-name': podName,
        ...options.labels,
      },
      ...(options.annotations ? { annotations: options.annotations } : {}),
      ownerReferences: [
        {
          apiVersion: 'apps/v1',
          kind: 'StatefulSet',
          name,
          uid: owner.metadata.uid ?? '',
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
      ...(options.deletionTimestamp
        ? { deletionTimestamp: options.deletionTimestamp, deletionGracePeriodSeconds: 30 }
        : {}),
    },
    spec: {
      ...spec.template.spec,
      containers,
      nodeName: 'node-1',
      hostname: podName,
      readinessGates: [{ conditionType: gate }],
    },
    status: {
      phase,
      ...(phase === 'Pending' ? {} : { podIP: ip, podIPs: [{ ip }], hostIP: '10.0.1.1', startTime: CREATED }),
      conditions: [gate, 'Ready', 'ContainersReady', 'Initialized', 'PodScheduled'].map((type) => ({
        type,
        status: ready || type === 'Initialized' || type === 'PodScheduled' ? 'True' : 'False',
        lastTransitionTime: CREATED,
      })),
      containerStatuses: containers.map((container) => ({
        name: container.name,
        image,
        imageID: `docker.io/library/${image}`,
        ready,
        started: ready,
        restartCount: options.restarts ?? 0,
        state: phase === 'Running' ? { running: { startedAt: CREATED } } : { waiting: { reason: 'ContainerCreating' } },
      })),
    },
  };
  return structuredClone(mergePatch(object, options.merge ?? {})) as KubeObject;
}

interface PodSpecPart {
  containers: { name: string; image: string; [field: string]: unknown }[];
  [field: string]: unknown;
}

/** Every pod of a StatefulSet in the order of ordinals; `change` says what is special about one of them. */
export function podsOf(owner: KubeObject, change: (ordinal: number) => PodOptions = () => ({})): KubeObject[] {
  const spec = owner['spec'] as { replicas: number; ordinals?: { start: number } };
  const start = spec.ordinals?.start ?? 0;
  return Array.from({ length: spec.replicas }, (_, index) => start + index).map((ordinal) =>
    pod({ statefulSet: owner, ordinal, ...change(ordinal) }),
  );
}
