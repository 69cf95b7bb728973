/**
 * Pods that bear the name of one of the target's pods and are not its own, as after a deletion of the StatefulSet without its
 * pods. They serve by that name, and no rule that counts the target's pods would count them.
 */

import type { Refusal } from '../errors.ts';
import { ordinalOf, ordinalSet } from '../target/ordinals.ts';
import { isOwnPod, type PodFacts } from '../target/pod.ts';
import { ordinalsOf, type StatefulSetFacts } from '../target/stateful-set-facts.ts';
import { kubectl } from '../values/command.ts';
import { text } from '../values/read.ts';
import type { KubeObject } from './kube-object.ts';

/** Ordinals whose name a pod has that the StatefulSet does not own. `own`: the pods that it owns; `objects`: all that its selector finds. */
export function strangersAmong(
  objects: readonly KubeObject[],
  own: readonly PodFacts[],
  set: StatefulSetFacts,
): readonly number[] {
  if (objects.length === own.length) return [];
  const owned = new Set(own.map(({ name }) => name));
  const all = new Set(ordinalsOf(set));
  return ordinalSet(
    objects
      .filter((object) => !owned.has(object.metadata.name) && !isEnding(object))
      .map(({ metadata }) => ordinalOf(metadata.name, set.name))
      .filter((ordinal) => ordinal !== undefined && all.has(ordinal)) as number[],
  );
}

/** The same among objects of any labels, by their owner, for these ordinals. */
export function strangersNamed(
  objects: readonly KubeObject[],
  set: StatefulSetFacts,
  ordinals: readonly number[],
): readonly number[] {
  const asked = new Set(ordinals);
  return objects
    .filter((object) => !isOwnPod(object, set) && !isEnding(object))
    .map(({ metadata }) => ordinalOf(metadata.name, set.name))
    .filter((ordinal) => ordinal !== undefined)
    .filter((ordinal) => asked.has(ordinal));
}

/** It is going, or has ended: no floor counts it as serving. */
const isEnding = (object: KubeObject): boolean =>
  object.metadata.deletionTimestamp !== undefined ||
  ['Succeeded', 'Failed'].includes(text(object, 'status', 'phase') ?? '');

/** Refuses what would take traffic from pods that are not counted. */
export function strangerRule({ set, strangers }: { set: StatefulSetFacts; strangers: readonly number[] }): Refusal[] {
  if (strangers.length === 0) return [];
  const names = strangers.map((ordinal) => `${set.name}-${ordinal}`);
  return [
    {
      rule: 'pods-owned',
      message: `statefulset/${set.name} does not own ${names.length === 1 ? `the pod ${names[0]}, which bears` : `the pods ${names.join(', ')}, which bear`} its name and may serve: the StatefulSet was deleted without its pods and made anew, or ${names.length === 1 ? 'the pod has' : 'the pods have'} another owner`,
      cure: kubectl(
        'get',
        'pods',
        ...names,
        '-o',
        'custom-columns=NAME:.metadata.name,OWNER:.metadata.ownerReferences[*].kind,UID:.metadata.ownerReferences[*].uid',
      ).note('shows the owners; the controller adopts those without an owner that its selector matches'),
    },
  ];
}
