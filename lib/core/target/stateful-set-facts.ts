/** What we read of a StatefulSet. Pure views over the server's objects. */
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
  templateLabels: Readonly<Record<string, string>>;
  templateAnnotations: Readonly<Record<string, string>>;
  /** Container name to image, of the template. */
  images: Readonly<Record<string, string>>;
  annotations: Readonly<Record<string, string>>;
  /** The label selector, as the list API takes it. */
  selectorText: string;
  /** The revision that new pods get. Under OnDelete status.currentRevision never catches up, so it is not read (fixed in Kubernetes 1.37). */
  updateRevision: string;
  /** Whether the controller has seen the newest spec; before that updateRevision may be stale. */
  observed: boolean;
  deleting: boolean;
}

export function readStatefulSet(object: KubeObject): StatefulSetFacts {
  const template = (object['spec'] as Record<string, unknown> | undefined)?.['template'];
  return {
    name: object.metadata.name,
    namespace: object.metadata.namespace ?? '',
    uid: object.metadata.uid ?? '',
    resourceVersion: object.metadata.resourceVersion ?? '',
    replicas: number(object, 'spec', 'replicas') ?? 1,
    start: number(object, 'spec', 'ordinals', 'start') ?? 0,
    updateStrategy: text(object, 'spec', 'updateStrategy', 'type') ?? 'RollingUpdate',
    podManagementPolicy: text(object, 'spec', 'podManagementPolicy') ?? 'OrderedReady',
    minReadySeconds: number(object, 'spec', 'minReadySeconds') ?? 0,
    templateLabels: texts(template, 'metadata', 'labels'),
    templateAnnotations: texts(template, 'metadata', 'annotations'),
    images: imagesOf(template),
    annotations: object.metadata.annotations ?? {},
    selectorText: selectorText(object),
    updateRevision: text(object, 'status', 'updateRevision') ?? '',
    observed: (number(object, 'status', 'observedGeneration') ?? 0) >= (object.metadata.generation ?? 0),
    deleting: object.metadata.deletionTimestamp !== undefined,
  };
}

export function imagesOf(podOrTemplate: unknown): Record<string, string> {
  return Object.fromEntries(
    list(podOrTemplate, 'spec', 'containers').map((container) => [
      text(container, 'name') ?? '',
      text(container, 'image') ?? '',
    ]),
  );
}

/** The ordinals that the StatefulSet's replicas stand for now. */
export function ordinalsOf(set: Pick<StatefulSetFacts, 'start' | 'replicas'>): number[] {
  return Array.from({ length: set.replicas }, (_, index) => set.start + index);
}

function selectorText(object: KubeObject): string {
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
