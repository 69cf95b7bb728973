/** Who else sets the replica count: a HorizontalPodAutoscaler would take the surge for demand, or undo it (kubernetes/kubernetes#72775). */

import { type Refusal, StatusError } from '../../core/errors.ts';
import type { StatefulSetFacts } from '../../core/target/stateful-set-facts.ts';
import { advice } from '../../core/values/command.ts';
import { text } from '../../core/values/read.ts';
import { HORIZONTAL_POD_AUTOSCALERS } from '../../ports/resources.ts';
import type { KubeObject, World } from '../../ports.ts';

/** Warns, and refuses nothing, when autoscalers are not served or may not be listed. */
export async function autoscalerRule(world: World, set: StatefulSetFacts): Promise<Refusal[]> {
  try {
    const scalers = await world.kube.list(HORIZONTAL_POD_AUTOSCALERS, { signal: world.signal });
    return autoscalersOf(scalers.items, set).map((scaler) => ({
      rule: 'no-autoscaler',
      message: `horizontalpodautoscaler/${scaler.metadata.name} owns the replicas of statefulset/${set.name} and would undo the surge`,
      cure: advice`raise minReplicas of horizontalpodautoscaler/${scaler.metadata.name} for the time of the upgrade instead of a surge`,
    }));
  } catch (error) {
    if (!(error instanceof StatusError) || (error.httpStatus !== 403 && error.httpStatus !== 404)) throw error;
    world.report.warn(
      `HorizontalPodAutoscalers cannot be read (${error.message}): whether one owns the replicas is unknown`,
    );
    return [];
  }
}

/** The autoscalers that set the replicas of this StatefulSet. */
export const autoscalersOf = (scalers: readonly KubeObject[], set: StatefulSetFacts): KubeObject[] =>
  scalers.filter(
    (scaler) =>
      text(scaler, 'spec', 'scaleTargetRef', 'kind') === 'StatefulSet' &&
      text(scaler, 'spec', 'scaleTargetRef', 'name') === set.name,
  );
