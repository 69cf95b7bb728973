/** Adoption: a StatefulSet takes over pods and revisions that match it and that have no controller, as after `delete --cascade=orphan`. */

import { labelsMatch } from '../../../lib/core/values/label-selector.ts';
import { CONTROLLER_REVISIONS, PODS, STATEFUL_SETS } from '../../../lib/ports/resources.ts';
import type { Kube, KubeObject, Resource } from '../../../lib/ports.ts';
import { controllerOf, controllerReference } from '../controller-ref.ts';
import type { StatefulSet } from '../controller-types.ts';
import { isLive } from '../live-owner.ts';
import { tolerate } from '../tolerate.ts';
import { ordinalOf } from './stateful-pod.ts';

/** Whether `object` is an orphan that the StatefulSet would take over. Pods must also have a name of the StatefulSet's. */
export function isAdoptable(set: StatefulSet, object: KubeObject): boolean {
  return (
    object.metadata.namespace === set.metadata.namespace &&
    controllerOf(object) === undefined &&
    object.metadata.deletionTimestamp === undefined &&
    labelsMatch(set.spec.selector, object.metadata.labels ?? {}) &&
    (object.kind !== 'Pod' || ordinalOf(set, object.metadata.name) !== undefined)
  );
}

/** Writes the ownerReference; true when anything was adopted, so that the caller waits for the changed copies. */
export async function adopt(
  kube: Kube,
  set: StatefulSet,
  pods: readonly KubeObject[],
  revisions: readonly KubeObject[],
): Promise<boolean> {
  const all: [Resource, KubeObject][] = [
    ...pods.map((pod): [Resource, KubeObject] => [PODS, pod]),
    ...revisions.map((revision): [Resource, KubeObject] => [CONTROLLER_REVISIONS, revision]),
  ];
  const orphans = all.filter(([, candidate]) => isAdoptable(set, candidate));
  if (orphans.length === 0 || !(await isLive(kube, STATEFUL_SETS, set))) return false;
  let adopted = false;
  for (const [resource, object] of orphans) {
    const { name, uid, namespace = '', ownerReferences = [] } = object.metadata;
    // With the uid, so that a pod of the same name made meanwhile by somebody else is left alone.
    const metadata = { uid, ownerReferences: [...ownerReferences, controllerReference(STATEFUL_SETS, set)] };
    const done = await tolerate(() => kube.patch(resource, name, { metadata }, { type: 'merge', namespace }));
    adopted ||= done;
  }
  return adopted;
}
