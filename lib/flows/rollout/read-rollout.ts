/** The cluster's part of what the audit of a rolling update looks at. */
import type { KubeObject } from '../../core/facts/kube-object.ts';
import type { RolloutFacts } from '../../core/rollout/rollout-facts.ts';
import { startSecondsOf } from '../../core/rollout/start-times.ts';
import type { WorkloadFacts } from '../../core/rollout/workload.ts';
import { known } from '../../core/values/known.ts';
import { labelsMatch } from '../../core/values/label-selector.ts';
import { field, text } from '../../core/values/read.ts';
import { POD_DISRUPTION_BUDGETS } from '../../ports/resources.ts';
import type { World } from '../../ports.ts';
import { listSoftly } from '../guard/softly.ts';
import { knownScalers } from '../safety/autoscaler-rule.ts';

/** `pods`: the workload's own. Throws only on abort; what cannot be read is unknown. */
export async function readRollout(
  world: World,
  workload: WorkloadFacts,
  pods: readonly KubeObject[],
): Promise<Omit<RolloutFacts, 'connections' | 'bound'>> {
  const [budgets, autoscalers] = await Promise.all([
    listSoftly(world, POD_DISRUPTION_BUDGETS),
    knownScalers(world, workload),
  ]);
  const labels = [workload.templateLabels, ...pods.map(({ metadata }) => metadata.labels ?? {})];
  return {
    workload,
    startSeconds: pods.flatMap((pod) => startSecondsOf(pod) ?? []),
    nodes: pods.flatMap((pod) => text(pod, 'spec', 'nodeName') ?? []),
    budgets: budgets.known
      ? known(budgets.value.filter((each) => labels.some((some) => labelsMatch(field(each, 'spec', 'selector'), some))))
      : budgets,
    autoscalers,
  };
}
