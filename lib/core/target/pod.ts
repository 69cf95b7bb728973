/** The facts that we read about one pod of the target, and our conclusions. */
import type { KubeObject } from '../facts/kube-object.ts';
import { field, list, number, text } from '../values/read.ts';
import { parseTime } from '../values/time.ts';
import { leavingNodes } from './leaving-nodes.ts';
import { ordinalOf, ordinalSet } from './ordinals.ts';
import { podState, sidecars } from './pod-state.ts';
import { imagesOf, initContainersOf, type StatefulSetFacts } from './stateful-set-facts.ts';

export interface PodFacts {
  name: string;
  uid: string;
  ordinal: number;
  /** The first of its addresses; empty while it has none. */
  address: string;
  /** One per IP family: a dual-stack pod can be bound by either (Kubernetes API, PodStatus.podIPs). */
  addresses: readonly string[];
  /** The label controller-revision-hash: which revision the pod was made from. */
  revision: string;
  phase: string;
  /** kubectl's STATUS: why a container waits or ended, else the phase. */
  state: string;
  /** Why it will not start by waiting alone, in the kubelet's or the scheduler's words; undefined: it may. */
  stuck: string | undefined;
  ready: boolean;
  /** Containers that are ready, of all; native sidecars among them. */
  containers: { ready: number; total: number };
  /** When the Ready condition last changed. */
  readySince: string;
  /**
   * Whether it has never been ready: the kubelet sets the condition with the pod's first status, and it has not changed since
   * the pod was initialized (Kubernetes API, PodCondition.lastTransitionTime). False where the times do not tell.
   */
  neverReady: boolean;
  terminating: boolean;
  /** The end of its grace, once it is terminating; empty before. */
  deletedAt: string;
  graceSeconds: number;
  finalizers: readonly string[];
  /** The node that it was given to; empty: none yet. */
  node: string;
  /** That node is to be emptied, so that the pod is due whatever its revision. */
  leaves: boolean;
  /** Names of the claims that its volumes are. */
  claims: readonly string[];
  /** Readiness gates by condition type; a gate without a condition is not met. */
  gates: readonly { type: string; met: boolean }[];
  restarts: number;
  /** Of every container that has been started, ephemeral ones too: a new id is another program. */
  containerIds: readonly string[];
  /** The names of the containers that run now. */
  running: readonly string[];
  /** Container name to image, of init containers too. */
  images: Readonly<Record<string, string>>;
  /** The names of its init containers, sidecars among them. */
  initContainers: readonly string[];
  annotations: Readonly<Record<string, string>>;
  labels: Readonly<Record<string, string>>;
  /** Container ports, those of sidecars too, and which container owns which. `hostPort`: where its node leads to it. */
  ports: readonly { container: string; name: string; port: number; protocol: string; hostPort?: number }[];
  /** Of the node that it runs on. */
  nodeAddresses: readonly string[];
  hostNetwork: boolean;
  createdAt: string;
}

/** Whether the StatefulSet controls the pod, by its owner alone. */
export const isOwnPod = ({ metadata }: KubeObject, { uid }: Pick<StatefulSetFacts, 'uid'>): boolean =>
  metadata.ownerReferences?.some((owner) => owner.uid === uid && owner.controller === true) === true;

/** The target's own pods, by ordinal. Pods that merely share the labels are left out: owner and name decide. */
export function readPods(objects: readonly KubeObject[], set: StatefulSetFacts): PodFacts[] {
  const leaving = leavingNodes(set);
  const pods: PodFacts[] = [];
  for (const object of objects) {
    const ordinal = isOwnPod(object, set) ? ordinalOf(object.metadata.name, set.name) : undefined;
    if (ordinal !== undefined) pods.push(readPod(object, ordinal, leaving));
  }
  return pods.sort((a, b) => a.ordinal - b.ordinal);
}

/** Of each list of pods that was looked at: a look at ten pods that are waited for would walk through a thousand again and again. */
const byOrdinal = new WeakMap<readonly object[], ReadonlyMap<number, unknown>>();

/** The pod of this ordinal. `pods` must not change any more. */
export function podAt<P extends { ordinal: number }>(pods: readonly P[], ordinal: number): P | undefined {
  const index = byOrdinal.get(pods) ?? new Map(pods.map((pod) => [pod.ordinal, pod]));
  byOrdinal.set(pods, index);
  return index.get(ordinal) as P | undefined;
}

/** The pods of these ordinals, in ascending order; an ordinal without one is left out. `pods` must not change any more. */
export const podsAt = <P extends { ordinal: number }>(pods: readonly P[], ordinals: Iterable<number>): P[] =>
  ordinalSet(ordinals).flatMap((ordinal) => podAt(pods, ordinal) ?? []);

/** The facts of objects that cannot change: a world in memory lists the same one at every look until it is written. */
const read = new WeakMap<KubeObject, PodFacts>();

/** One pod whose ordinal is known. `leaving`: names of nodes that are to be emptied. */
export function readPod(object: KubeObject, ordinal: number, leaving: readonly string[] = []): PodFacts {
  const known = read.get(object);
  if (known !== undefined && known.ordinal === ordinal && known.leaves === leaving.includes(known.node)) return known;
  const facts = readAnew(object, ordinal, leaving);
  if (Object.isFrozen(object)) read.set(object, facts);
  return facts;
}

function readAnew(object: KubeObject, ordinal: number, leaving: readonly string[]): PodFacts {
  const node = text(object, 'spec', 'nodeName') ?? '';
  const conditions = list(object, 'status', 'conditions');
  const met = (type: string) =>
    conditions.some((condition) => text(condition, 'type') === type && text(condition, 'status') === 'True');
  const { state, containers, restarts, stuck } = podState(object);
  const phase = text(object, 'status', 'phase') ?? 'Unknown';
  const addresses = addressesOf(object);
  return {
    name: object.metadata.name,
    uid: object.metadata.uid ?? '',
    ordinal,
    address: addresses[0] ?? '',
    addresses,
    revision: object.metadata.labels?.['controller-revision-hash'] ?? '',
    phase,
    state: object.metadata.deletionTimestamp === undefined ? state : 'Terminating',
    stuck,
    ready: phase === 'Running' && met('Ready'),
    containers,
    readySince: transitionOf(conditions, 'Ready') ?? '',
    neverReady: !met('Ready') && since(conditions, 'Ready') <= since(conditions, 'Initialized'),
    terminating: object.metadata.deletionTimestamp !== undefined,
    deletedAt: object.metadata.deletionTimestamp ?? '',
    graceSeconds: object.metadata.deletionGracePeriodSeconds ?? 0,
    finalizers: object.metadata.finalizers ?? [],
    node,
    leaves: leaving.includes(node),
    claims: list(object, 'spec', 'volumes').flatMap(
      (volume) => text(volume, 'persistentVolumeClaim', 'claimName') ?? [],
    ),
    gates: list(object, 'spec', 'readinessGates').map((gate) => {
      const type = text(gate, 'conditionType') ?? '';
      return { type, met: met(type) };
    }),
    restarts,
    containerIds: STATUSES.flatMap((key) =>
      list(object, 'status', key).flatMap((status) => text(status, 'containerID') ?? []),
    ),
    running: STATUSES.flatMap((key) =>
      list(object, 'status', key).flatMap((status) =>
        field(status, 'state', 'running') === undefined ? [] : (text(status, 'name') ?? []),
      ),
    ),
    images: imagesOf(object),
    initContainers: initContainersOf(object),
    annotations: object.metadata.annotations ?? {},
    labels: object.metadata.labels ?? {},
    ports: servingContainers(object).flatMap((container) =>
      list(container, 'ports').map((port) => {
        const hostPort = number(port, 'hostPort') ?? 0;
        return {
          container: text(container, 'name') ?? '',
          name: text(port, 'name') ?? '',
          port: number(port, 'containerPort') ?? 0,
          protocol: text(port, 'protocol') ?? 'TCP',
          ...(hostPort === 0 ? {} : { hostPort }),
        };
      }),
    ),
    nodeAddresses: addressesOf(object, 'hostIP', 'hostIPs'),
    hostNetwork: field(object, 'spec', 'hostNetwork') === true,
    createdAt: object.metadata.creationTimestamp ?? '',
  };
}

const STATUSES = ['containerStatuses', 'initContainerStatuses', 'ephemeralContainerStatuses'] as const;

/** Containers that stay: an init container that is always restarted is a sidecar (Kubernetes 1.29). */
const servingContainers = (object: KubeObject): unknown[] => [
  ...list(object, 'spec', 'containers'),
  ...sidecars(object),
];

/** The API server keeps both fields alike; a server from before dual-stack has the first only (Kubernetes 1.20). */
function addressesOf(object: KubeObject, one = 'podIP', several = 'podIPs'): string[] {
  const all = [text(object, 'status', one), ...list(object, 'status', several).map((each) => text(each, 'ip'))];
  return [...new Set(all.flatMap((address) => (address === undefined || address === '' ? [] : [address])))];
}

const transitionOf = (conditions: readonly unknown[], type: string): string | undefined =>
  text(
    conditions.find((condition) => text(condition, 'type') === type),
    'lastTransitionTime',
  );

/** NaN, for which no comparison holds, if it is absent. */
const since = (conditions: readonly unknown[], type: string): number => parseTime(transitionOf(conditions, type) ?? '');

/** A pod that is due to be replaced: of another revision than the one new pods get, or on a node that is to be emptied. */
export function isOutdated(pod: PodFacts, set: StatefulSetFacts): boolean {
  return pod.leaves || isOfOtherRevision(pod, set);
}

/** A pod of another revision than the one new pods get. An unknown revision counts as another one. */
export const isOfOtherRevision = (pod: PodFacts, set: StatefulSetFacts): boolean =>
  pod.revision === '' || pod.revision !== set.updateRevision;

/** Why a pod may not be given traffic or counted on, or undefined when it is updated, ready and stays. */
export function notServingBecause(pod: PodFacts | undefined, set: StatefulSetFacts): string | undefined {
  if (pod === undefined) return 'does not exist';
  if (pod.terminating) return 'is terminating';
  if (pod.leaves && !isOfOtherRevision(pod, set)) return `is still on node ${pod.node}, which is to be emptied`;
  if (isOutdated(pod, set))
    return `is outdated (revision ${pod.revision || 'unknown'}, update revision ${set.updateRevision || 'unknown'})`;
  return notReadyBecause(pod);
}

/** Why a pod is not ready, to be read behind its name; undefined when it is. A reason not to start comes before every other reason. */
export function notReadyBecause(pod: PodFacts): string | undefined {
  if (pod.stuck !== undefined && !pod.ready) return `does not start: ${pod.stuck}`;
  if (pod.gates.some((gate) => !gate.met)) {
    const unmet = pod.gates.filter((gate) => !gate.met).map((gate) => gate.type);
    return `has a readiness gate that is not met: ${unmet.join(', ')} (${pod.state})`;
  }
  return pod.ready ? undefined : `is not ready (${pod.state})`;
}

/** Whether it will not start by waiting alone. */
export const isStuck = (pod: PodFacts): boolean => pod.stuck !== undefined;

/** A pod that is waited for, and what it lacks, to be read behind its name. */
export interface MissingPod {
  name: string;
  because: string;
}

/** Several pods lack the same thing for a while, and it is named once: `nginx-0, nginx-1 each is not ready`. */
export function missingText(missing: readonly MissingPod[]): string {
  const reasons = Map.groupBy(missing, ({ because }) => because);
  return [...reasons]
    .map(([because, pods]) => `${pods.map(({ name }) => name).join(', ')} ${pods.length > 1 ? 'each ' : ''}${because}`)
    .join('; ');
}
