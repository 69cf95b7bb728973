/** The facts that we read about a StatefulSet. Pure views over the server's objects. */
import { ConnectionError } from '../errors.ts';
import type { KubeObject } from '../facts/kube-object.ts';
import { list, number, text, texts } from '../values/read.ts';

export interface StatefulSetFacts {
  name: string;
  namespace: string;
  uid: string;
  resourceVersion: string;
  replicas: number;
  /** First ordinal (spec.ordinals.start). */
  start: number;
  updateStrategy: string;
  podManagementPolicy: string;
  minReadySeconds: number;
  /** The pod template, as the server shows it. */
  template: unknown;
  templateLabels: Readonly<Record<string, string>>;
  templateAnnotations: Readonly<Record<string, string>>;
  /** Container name to image, of the template; init containers after the others. */
  images: Readonly<Record<string, string>>;
  /** The names of its init containers, sidecars among them. */
  initContainers: readonly string[];
  annotations: Readonly<Record<string, string>>;
  /** Names of its volumeClaimTemplates. */
  claims: readonly string[];
  /** Whether claims go with the pods that are scaled away (persistentVolumeClaimRetentionPolicy). */
  deletesScaledClaims: boolean;
  /** The label selector, as the list API takes it. */
  selectorText: string;
  /** The revision that new pods get. Under OnDelete status.currentRevision never catches up, so it is not read (fixed in Kubernetes 1.37). */
  updateRevision: string;
  /** Whether the controller has seen the newest spec; before that updateRevision may be stale. */
  observed: boolean;
  deleting: boolean;
}

/** No cluster has as many pods (Kubernetes, considerations for large clusters: 150,000); a list of them must fit into memory. */
const MAX_REPLICAS = 1_000_000;
/** Of Kubernetes' own type, int32. */
const MAX_START = 2 ** 31 - 1;

/** Undefined when absent. Throws ConnectionError for a number that counts nothing. */
function count(object: KubeObject, most: number, ...path: string[]): number | undefined {
  const found = number(object, ...path);
  if (found === undefined || (Number.isInteger(found) && found >= 0 && found <= most)) return found;
  throw new ConnectionError(
    `the API server shows ${path.join('.')} ${found} of statefulset/${object.metadata.name}, which is not a number of pods`,
  );
}

/** Throws ConnectionError for a number of replicas that cannot be. */
export function readStatefulSet(object: KubeObject): StatefulSetFacts {
  const template = (object['spec'] as Record<string, unknown> | undefined)?.['template'];
  return {
    name: object.metadata.name,
    namespace: object.metadata.namespace ?? '',
    uid: object.metadata.uid ?? '',
    resourceVersion: object.metadata.resourceVersion ?? '',
    replicas: count(object, MAX_REPLICAS, 'spec', 'replicas') ?? 1,
    start: count(object, MAX_START, 'spec', 'ordinals', 'start') ?? 0,
    updateStrategy: text(object, 'spec', 'updateStrategy', 'type') ?? 'RollingUpdate',
    podManagementPolicy: text(object, 'spec', 'podManagementPolicy') ?? 'OrderedReady',
    minReadySeconds: number(object, 'spec', 'minReadySeconds') ?? 0,
    template,
    templateLabels: texts(template, 'metadata', 'labels'),
    templateAnnotations: texts(template, 'metadata', 'annotations'),
    images: imagesOf(template),
    initContainers: initContainersOf(template),
    annotations: object.metadata.annotations ?? {},
    claims: list(object, 'spec', 'volumeClaimTemplates').map((claim) => text(claim, 'metadata', 'name') ?? ''),
    deletesScaledClaims: text(object, 'spec', 'persistentVolumeClaimRetentionPolicy', 'whenScaled') === 'Delete',
    selectorText: selectorText(object),
    updateRevision: text(object, 'status', 'updateRevision') ?? '',
    observed: (number(object, 'status', 'observedGeneration') ?? 0) >= (object.metadata.generation ?? 0),
    deleting: object.metadata.deletionTimestamp !== undefined,
  };
}

export function imagesOf(podOrTemplate: unknown): Record<string, string> {
  return Object.fromEntries(
    [...list(podOrTemplate, 'spec', 'containers'), ...list(podOrTemplate, 'spec', 'initContainers')].map(
      (container) => [text(container, 'name') ?? '', text(container, 'image') ?? ''],
    ),
  );
}

export const initContainersOf = (podOrTemplate: unknown): string[] =>
  list(podOrTemplate, 'spec', 'initContainers').map((container) => text(container, 'name') ?? '');

/** The ordinals that the StatefulSet's replicas stand for now. */
export function ordinalsOf(set: Pick<StatefulSetFacts, 'start' | 'replicas'>): number[] {
  return Array.from({ length: set.replicas }, (_, index) => set.start + index);
}

/** `spec.selector` of a workload as kubectl's -l takes it. */
export function selectorText(object: KubeObject): string {
  const labels = Object.entries(texts(object, 'spec', 'selector', 'matchLabels')).map(
    ([key, value]) => `${key}=${value}`,
  );
  const expressions = list(object, 'spec', 'selector', 'matchExpressions').map(expressionText);
  return [...labels, ...expressions].join(',');
}

function expressionText(expression: unknown): string {
  const key = text(expression, 'key') ?? '';
  const values = list(expression, 'values').join(',');
  switch (text(expression, 'operator')) {
    case 'In':
      return `${key} in (${values})`;
    case 'NotIn':
      return `${key} notin (${values})`;
    case 'Exists':
      return key;
    default:
      return `!${key}`;
  }
}
