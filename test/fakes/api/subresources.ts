/** The subresources `scale`, `eviction` and `binding`, and their effect on the objects behind them. */
import type { KubeObject } from '../../../lib/ports.ts';
import { scaleOf } from '../../../sandbox/apiserver/rest/subresources/scale-subresource.ts';
import { asMap } from '../../../sandbox/semantics/json.ts';
import { mergePatch } from '../../../sandbox/semantics/patch/merge-patch.ts';

/** Applies a merge patch of the Scale to the object behind it. */
export function patchScale(object: KubeObject, patch: unknown): KubeObject {
  const scale = asMap(mergePatch(scaleOf(object), patch));
  return mergePatch(object, { spec: { replicas: asMap(scale['spec'])['replicas'] } }) as KubeObject;
}

/** The delete options of an Eviction body. */
export function evictionOptions(body: KubeObject): { uid: string | undefined; gracePeriodSeconds?: number } {
  const options = asMap(body['deleteOptions']);
  const uid = asMap(options['preconditions'])['uid'];
  const grace = options['gracePeriodSeconds'];
  return {
    uid: typeof uid === 'string' ? uid : undefined,
    ...(typeof grace === 'number' ? { gracePeriodSeconds: grace } : {}),
  };
}

/** Whether a PodDisruptionBudget allows no disruption now. */
export function allowsNone(budget: KubeObject): boolean {
  return Number(asMap(budget['status'])['disruptionsAllowed'] ?? 0) < 1;
}

/** The pod after a Binding. */
export function bound(pod: KubeObject, binding: KubeObject): KubeObject {
  return mergePatch(pod, { spec: { nodeName: asMap(binding['target'])['name'] } }) as KubeObject;
}
