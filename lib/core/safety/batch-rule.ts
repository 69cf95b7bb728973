/** Traffic comes back to pods that are updated, ready and healthy, and to no others. */

import type { Refusal } from '../errors.ts';
import type { Facts } from '../facts/facts.ts';
import { wayBack } from '../outcome/way-back.ts';
import { isOutdated, isStuck, notServingBecause, podAt } from '../target/pod.ts';
import { ordinalsOf } from '../target/stateful-set-facts.ts';
import { surplusOrdinals } from '../target/surplus.ts';
import { type Advice, advice, kubectl, own } from '../values/command.ts';
import { advisedDrain, type SeenServing } from './advised-drain.ts';
import { isHealthy } from './floor-check.ts';

/** A pod that is outdated, not ready, or not healthy at the load balancer gets no traffic back. */
export function batchRule(facts: Facts, seen: SeenServing, back: readonly number[]): Refusal[] {
  return back.flatMap((ordinal): Refusal[] => {
    const name = `${facts.set.name}-${ordinal}`;
    const pod = podAt(facts.pods, ordinal);
    // An ordinal that the StatefulSet does not have (scaled away, or before its first) needs no weight and is no obstacle.
    if (pod === undefined && !ordinalsOf(facts.set).includes(ordinal)) return [];
    const because = notServingBecause(pod, facts.set);
    if (because !== undefined)
      return [
        { rule: 'batch-ready', message: `pod/${name} of this batch ${because}`, cure: batchCure(facts, ordinal, seen) },
      ];
    const sick = seen.bindings.filter((binding) => binding.pod.ordinal === ordinal && !isHealthy(binding));
    return sick.map((binding) => ({
      rule: 'batch-healthy',
      message: `pod/${name} of this batch is not healthy at ${binding.balancer.id} on ${binding.port.protocol}/${binding.port.port} (${binding.bindings.map((backend) => backend.health).join(', ') || 'not bound'})`,
    }));
  });
}

/**
 * The way on for a pod that is to get traffic and does not serve, a way that its state allows: `wait-zero` and `recreate` refuse
 * a pod that is not drained, and leave a surplus alone unless it is named.
 */
export function batchCure(facts: Facts, ordinal: number, seen: SeenServing | undefined): Advice {
  const { name } = facts.set;
  const pod = podAt(facts.pods, ordinal);
  const named = surplusOrdinals(facts.set).includes(ordinal) ? [String(ordinal)] : [];
  const isDrained = facts.drainSet.includes(ordinal);
  if (pod !== undefined && !pod.terminating && isOutdated(pod, facts.set))
    return isDrained
      ? advice`${own('wait-zero', name, ...named)} && ${own('recreate', name, ...named)}`
      : advisedDrain(facts, [ordinal], seen);
  // A pod that does not start by waiting needs another template.
  const back = pod !== undefined && isStuck(pod) && !pod.ready ? wayBack(facts.set, facts.pods) : undefined;
  if (back !== undefined) return back.command.note(`sets ${back.template} again`);
  if (isDrained) return own('recreate', name, ...named).note('goes on waiting');
  return kubectl('describe', 'pod', `${name}-${ordinal}`).note('shows why');
}
