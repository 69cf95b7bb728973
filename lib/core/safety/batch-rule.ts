/** Traffic comes back to pods that are updated, ready and healthy, and to no others. */

import type { Refusal } from '../errors.ts';
import type { Facts } from '../facts/facts.ts';
import type { Observation } from '../facts/observation.ts';
import { isOutdated, notServingBecause, podAt } from '../target/pod.ts';
import { ordinalsOf } from '../target/stateful-set-facts.ts';
import { advice, own } from '../values/command.ts';
import { isHealthy } from './floor-check.ts';

/** A pod that is outdated, not ready, or not healthy at the load balancer gets no traffic back. */
export function batchRule(facts: Facts, observation: Observation, back: readonly number[]): Refusal[] {
  return back.flatMap((ordinal): Refusal[] => {
    const name = `${facts.set.name}-${ordinal}`;
    const pod = podAt(facts.pods, ordinal);
    // An ordinal that the StatefulSet does not have (scaled away, or before its first) needs no weight and is no obstacle.
    if (pod === undefined && !ordinalsOf(facts.set).includes(ordinal)) return [];
    const because = notServingBecause(pod, facts.set);
    if (because !== undefined) {
      const outdated = pod !== undefined && !pod.terminating && isOutdated(pod, facts.set);
      const cure = outdated
        ? advice`${own('wait-zero', facts.set.name)} && ${own('recreate', facts.set.name)}`
        : own('recreate', facts.set.name).note('goes on waiting');
      return [{ rule: 'batch-ready', message: `pod/${name} of this batch ${because}`, cure }];
    }
    const sick = observation.bindings.filter((binding) => binding.pod.ordinal === ordinal && !isHealthy(binding));
    return sick.map((binding) => ({
      rule: 'batch-healthy',
      message: `pod/${name} of this batch is not healthy at ${binding.balancer.id} on ${binding.port.protocol}/${binding.port.port} (${binding.bindings.map((backend) => backend.health).join(', ') || 'not bound'})`,
    }));
  });
}
