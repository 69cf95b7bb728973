/** Ownership by selector: a controller takes over orphans that match, and lets go of what no longer does (Kubernetes: PodControllerRefManager). */

import { labelsMatch } from '../../lib/core/values/label-selector.ts';
import type { Kube, KubeObject, Resource } from '../../lib/ports.ts';
import { controllerOf, controllerReference, isControlledBy } from './controller-ref.ts';
import { isLive } from './live-owner.ts';
import { tolerate } from './tolerate.ts';

export interface Owner {
  resource: Resource;
  object: KubeObject & { spec: { selector: unknown } };
}

/** Whether `candidate` has no controller and the owner's selector matches it. */
export function isOrphanOf({ metadata, spec }: Owner['object'], candidate: KubeObject): boolean {
  return (
    candidate.metadata.namespace === metadata.namespace &&
    controllerOf(candidate) === undefined &&
    candidate.metadata.deletionTimestamp === undefined &&
    labelsMatch(spec.selector, candidate.metadata.labels ?? {})
  );
}

/** The objects that the owner controls and still selects. Writes the ownerReferences that have to change; an adopted object counts from its next event. */
export async function claim(
  kube: Kube,
  owner: Owner,
  resource: Resource,
  candidates: readonly KubeObject[],
): Promise<KubeObject[]> {
  const { object } = owner;
  const kept: KubeObject[] = [];
  const hasOrphans = candidates.some((candidate) => isOrphanOf(object, candidate));
  const mayAdopt = hasOrphans && (await isLive(kube, owner.resource, object));
  for (const candidate of candidates) {
    const { name, uid, namespace = '', labels = {}, ownerReferences = [] } = candidate.metadata;
    const write = (owners: readonly unknown[]) =>
      tolerate(() =>
        kube.patch(resource, name, { metadata: { uid, ownerReferences: owners } }, { type: 'merge', namespace }),
      );
    const isOrphan = isOrphanOf(object, candidate);
    if (isOrphan && mayAdopt) await write([...ownerReferences, controllerReference(owner.resource, object)]);
    if (isOrphan || !isControlledBy(candidate, object)) continue;
    if (labelsMatch(object.spec.selector, labels)) kept.push(candidate);
    else await write(ownerReferences.filter((reference) => reference.uid !== object.metadata.uid));
  }
  return kept;
}
