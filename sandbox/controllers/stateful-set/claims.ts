/**
 * The PersistentVolumeClaims of a StatefulSet's pods, as data: one of each template for every ordinal, named
 * TEMPLATE-SET-ORDINAL (Kubernetes: pkg/controller/statefulset/stateful_set_utils.go).
 */
import { isDeepStrictEqual } from 'node:util';
import { PODS, STATEFUL_SETS } from '../../../lib/ports/resources.ts';
import type { KubeObject, OwnerReference } from '../../../lib/ports.ts';
import { controllerOf, controllerReference } from '../controller-ref.ts';
import type { Pod, StatefulSet } from '../controller-types.ts';
import { ordinalOf } from './stateful-pod.ts';

/** The name of the claim that the template `template` has at one ordinal. */
export const claimName = (set: StatefulSet, template: string, ordinal: number): string =>
  `${template}-${set.metadata.name}-${ordinal}`;

/** The claims of the pod at `ordinal`, as they are created: the template with the selector's labels. */
export function claimsOf(set: StatefulSet, ordinal: number): KubeObject[] {
  const { namespace } = set.metadata;
  return (set.spec.volumeClaimTemplates ?? []).map(({ metadata, spec }) => ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      ...structuredClone(metadata),
      name: claimName(set, metadata.name, ordinal),
      ...(namespace === undefined ? {} : { namespace }),
      labels: { ...metadata.labels, ...set.spec.selector.matchLabels },
    },
    ...(spec === undefined ? {} : { spec: structuredClone(spec) }),
  }));
}

/** Whether the ordinal is one of those that the StatefulSet wants now. */
export function isWanted(set: StatefulSet, ordinal: number): boolean {
  const start = set.spec.ordinals?.start ?? 0;
  return ordinal >= start && ordinal < start + (set.spec.replicas ?? 1);
}

/**
 * The owners that persistentVolumeClaimRetentionPolicy wants on a claim of `pod`: the set (deleted with it), a pod that
 * is scaled away (deleted with that), or neither. A claim that another controller owns is left as it is.
 */
export function claimOwners(set: StatefulSet, pod: Pod, claim: KubeObject): readonly OwnerReference[] {
  const owners = claim.metadata.ownerReferences ?? [];
  const uids = [set.metadata.uid, pod.metadata.uid];
  const stranger = controllerOf(claim);
  if (stranger !== undefined && !uids.includes(stranger.uid)) return owners;
  const others = owners.filter(({ uid }) => !uids.includes(uid));
  const { whenDeleted = 'Retain', whenScaled = 'Retain' } = set.spec.persistentVolumeClaimRetentionPolicy ?? {};
  const ordinal = ordinalOf(set, pod.metadata.name);
  const goes = ordinal !== undefined && !isWanted(set, ordinal);
  if (goes && whenScaled === 'Delete') return [...others, controllerReference(PODS, pod)];
  return whenDeleted === 'Delete' && !(goes && whenScaled === 'Delete')
    ? [...others, controllerReference(STATEFUL_SETS, set)]
    : others;
}

/** Whether the claim has other owners than it should. */
export const hasWrongOwners = (claim: KubeObject, wanted: readonly OwnerReference[]): boolean =>
  !isDeepStrictEqual(claim.metadata.ownerReferences ?? [], wanted);

/** Whether a claim still belongs to an earlier pod of this name, and is about to be collected with it. */
export function isStale(claim: KubeObject, podName: string): boolean {
  return claim.metadata.ownerReferences?.some(({ kind, name }) => kind === PODS.kind && name === podName) === true;
}
