/** The pod that a StatefulSet wants at one ordinal. */
import { STATEFUL_SETS } from '../../../lib/ports/resources.ts';
import { REVISION_LABEL } from '../controlled-pod.ts';
import { controllerReference } from '../controller-ref.ts';
import type { ControllerRevision, Pod, StatefulSet } from '../controller-types.ts';
import { templateOf } from './revision.ts';

/** The ordinal in a pod's name; undefined when the name is not of this StatefulSet. */
export function ordinalOf(set: StatefulSet, podName: string): number | undefined {
  const prefix = `${set.metadata.name}-`;
  const rest = podName.startsWith(prefix) ? podName.slice(prefix.length) : '';
  return /^(0|[1-9]\d*)$/.test(rest) ? Number(rest) : undefined;
}

/** Builds the pod at `ordinal` from a revision's template, with the identity that StatefulSet pods have. */
export function statefulPod(set: StatefulSet, revision: ControllerRevision, ordinal: number): Pod {
  const template = templateOf(revision);
  const name = `${set.metadata.name}-${ordinal}`;
  const { annotations, finalizers, labels } = template.metadata ?? {};
  const { namespace } = set.metadata;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      generateName: `${set.metadata.name}-`,
      ...(namespace === undefined ? {} : { namespace }),
      labels: {
        ...labels,
        'apps.kubernetes.io/pod-index': String(ordinal),
        [REVISION_LABEL]: revision.metadata.name,
        'statefulset.kubernetes.io/pod-name': name,
      },
      ...(annotations === undefined ? {} : { annotations }),
      ...(finalizers === undefined ? {} : { finalizers }),
      ownerReferences: [controllerReference(STATEFUL_SETS, set)],
    },
    spec: {
      ...template.spec,
      hostname: name,
      ...(set.spec.serviceName ? { subdomain: set.spec.serviceName } : {}),
      ...claims(set, template.spec.volumes ?? [], name),
    },
  };
}

// A claim template replaces a volume of its name.
function claims(set: StatefulSet, volumes: NonNullable<Pod['spec']['volumes']>, podName: string) {
  const names = (set.spec.volumeClaimTemplates ?? []).map((claim) => claim.metadata.name);
  if (names.length === 0) return {};
  const claimed = names.map((name) => ({ name, persistentVolumeClaim: { claimName: `${name}-${podName}` } }));
  return { volumes: [...claimed, ...volumes.filter((volume) => !names.includes(volume.name))] };
}
