/** What the subresources `scale`, `eviction` and `binding` do to the objects behind them. */
import type { KubeObject } from '../../../lib/ports.ts';
import { isRecord, mergePatch } from './merge-patch.ts';

const record = (value: unknown): Record<string, unknown> => (isRecord(value) ? value : {});

/** `a=b,c=d` of a `matchLabels` selector. */
export function labelsText(selector: unknown): string {
  return Object.entries(record(record(selector)['matchLabels']))
    .map(([key, value]) => `${key}=${String(value)}`)
    .join(',');
}

/** The autoscaling/v1 Scale that the server shows for a StatefulSet or Deployment. */
export function scaleOf(object: KubeObject): KubeObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const spec = record(object['spec']);
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: structuredClone({ name, namespace, uid, resourceVersion, creationTimestamp }) as KubeObject['metadata'],
    spec: { replicas: spec['replicas'] ?? 1 },
    status: { replicas: record(object['status'])['replicas'] ?? 0, selector: labelsText(spec['selector']) },
  };
}

/** Applies a merge patch of the Scale to the object behind it. */
export function patchScale(object: KubeObject, patch: unknown): KubeObject {
  const scale = record(mergePatch(scaleOf(object), patch));
  return mergePatch(object, { spec: { replicas: record(scale['spec'])['replicas'] } }) as KubeObject;
}

/** The delete options of an Eviction body. */
export function evictionOptions(body: KubeObject): { uid: string | undefined; gracePeriodSeconds?: number } {
  const options = record(body['deleteOptions']);
  const uid = record(options['preconditions'])['uid'];
  const grace = options['gracePeriodSeconds'];
  return {
    uid: typeof uid === 'string' ? uid : undefined,
    ...(typeof grace === 'number' ? { gracePeriodSeconds: grace } : {}),
  };
}

/** Whether a PodDisruptionBudget allows no disruption now. */
export function allowsNone(budget: KubeObject): boolean {
  return Number(record(budget['status'])['disruptionsAllowed'] ?? 0) < 1;
}

/** The pod after a Binding. */
export function bound(pod: KubeObject, binding: KubeObject): KubeObject {
  return mergePatch(pod, { spec: { nodeName: record(binding['target'])['name'] } }) as KubeObject;
}
