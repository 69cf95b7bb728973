/** Other owners of the replica count: autoscalers by load (HorizontalPodAutoscaler, KEDA's among them) and by the clock (TKE's HorizontalPodCronscaler). */

import type { Refusal } from '../errors.ts';
import type { KubeObject } from '../facts/kube-object.ts';
import type { StatefulSetFacts } from '../target/stateful-set-facts.ts';
import { type Advice, kubectl, mergePatch } from '../values/command.ts';
import { field, list, number, text } from '../values/read.ts';

export interface Scaler {
  /** `horizontalpodautoscaler/nginx`, as kubectl takes it. */
  object: string;
  /** Its effect, after its name. */
  does: string;
  /** The command that keeps it still for the time of an upgrade. */
  cure: Advice;
}

/** The target of a scaler. */
export type ScaledWorkload = Pick<StatefulSetFacts, 'name' | 'namespace' | 'replicas'> & {
  /** Absent: StatefulSet. */
  kind?: 'statefulset' | 'deployment';
};

/** Those whose target is this workload: a StatefulSet of another API group is another workload (OpenKruise). */
export function scalersOf(
  set: ScaledWorkload,
  autoscalers: readonly KubeObject[],
  cronscalers: readonly KubeObject[],
): Scaler[] {
  return [
    ...autoscalers
      .filter((each) => isTarget(field(each, 'spec', 'scaleTargetRef'), set))
      .map((each) => byLoad(each, set)),
    ...cronscalers
      .filter((each) => isTarget(field(each, 'spec', 'scaleTarget'), set))
      .map((each) => byClock(each, set)),
  ];
}

/** A surge would be taken for demand, or undone (kubernetes/kubernetes#72775). */
export const scalerRefusals = (scalers: readonly Scaler[]): Refusal[] =>
  scalers.map(({ object, does, cure }) => ({
    rule: 'no-autoscaler',
    message: `${object} ${does} and would fight the surge`,
    cure,
  }));

function isTarget(reference: unknown, set: ScaledWorkload): boolean {
  const version = text(reference, 'apiVersion');
  return (
    text(reference, 'kind')?.toLowerCase() === (set.kind ?? 'statefulset') &&
    text(reference, 'name') === set.name &&
    (version === undefined || version.startsWith('apps/')) &&
    (text(reference, 'namespace') ?? set.namespace) === set.namespace
  );
}

/** KEDA writes its HorizontalPodAutoscaler back; its own switch is an annotation of the ScaledObject (KEDA: pause autoscaling). */
function byLoad(scaler: KubeObject, set: ScaledWorkload): Scaler {
  const object = `horizontalpodautoscaler/${scaler.metadata.name}`;
  const owner = scaler.metadata.ownerReferences?.find(({ controller }) => controller === true);
  const keda = owner?.kind === 'ScaledObject' ? owner.name : scaler.metadata.labels?.['scaledobject.keda.sh/name'];
  const does = `owns the replicas of ${set.kind ?? 'statefulset'}/${set.name}`;
  if (keda !== undefined)
    return {
      object,
      does: `(of scaledobject/${keda}) ${does}`,
      cure: kubectl('annotate', 'scaledobject', keda, 'autoscaling.keda.sh/paused=true').note(
        'KEDA writes its HorizontalPodAutoscaler back; afterwards take the annotation off: autoscaling.keda.sh/paused-',
      ),
    };
  if (owner !== undefined)
    return {
      object,
      does: `(of ${owner.kind}/${owner.name}) ${does}`,
      cure: kubectl('get', owner.kind.toLowerCase(), owner.name, '-o', 'yaml').note(
        `its controller writes ${object} back: pause it there for the time of the upgrade`,
      ),
    };
  return {
    object,
    does,
    cure: mergePatch([object], { spec: { minReplicas: set.replicas } }).note(
      'for the time of the upgrade, instead of a surge',
    ),
  };
}

function byClock(scaler: KubeObject, set: ScaledWorkload): Scaler {
  const object = `horizontalpodcronscaler/${scaler.metadata.name}`;
  const times = list(scaler, 'spec', 'crons').map(
    (each) => `to ${number(each, 'targetSize') ?? '?'} at "${text(each, 'schedule') ?? '?'}"`,
  );
  return {
    object,
    does: `scales ${set.kind ?? 'statefulset'}/${set.name} ${times.join(', ') || 'at fixed times'}`,
    cure: kubectl('get', object, '-o', 'yaml').note('keep it, and delete it for the time of the upgrade'),
  };
}
