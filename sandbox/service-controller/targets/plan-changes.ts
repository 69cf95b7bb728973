import type { Listener } from '../../clb/balancers/listener.ts';
import type { TargetOptions, TargetRef, TargetWeight } from '../../clb/model.ts';
import type { WantedTarget } from './plan-targets.ts';

/** The changes to make at the balancer. Weights go first, so that what is to be drained is drained soonest. */
export interface TargetChanges {
  weights: TargetWeight[];
  unbind: TargetRef[];
  bind: TargetOptions[];
}

/** The changes that turn the listener's backends into the wanted ones; on a layer-7 listener every rule has them all. */
export function planChanges(listener: Listener, wanted: readonly WantedTarget[]): TargetChanges {
  const changes: TargetChanges = { weights: [], unbind: [], bind: [] };
  const ruleIds = listener.rules.length === 0 ? [undefined] : listener.rules.map(({ id }) => id);
  for (const ruleId of ruleIds) planRule(listener, ruleId, wanted, changes);
  return changes;
}

function planRule(
  listener: Listener,
  ruleId: string | undefined,
  wanted: readonly WantedTarget[],
  { weights, unbind, bind }: TargetChanges,
): void {
  const listenerId = listener.id;
  const kept = new Set<string>();
  for (const target of wanted) {
    const { address, port, weight, type, tag } = target;
    const bound = listener.find({ address, port, ruleId });
    kept.add(`${address}|${port}`);
    if (bound?.tag === tag) {
      if (bound.weight !== weight) weights.push({ listenerId, ruleId, address, port, weight });
      continue;
    }
    // The same address, but another pod: what the cloud knows of the old one must not count for the new.
    if (bound !== undefined) unbind.push({ listenerId, ruleId, address, port });
    bind.push({ listenerId, ruleId, address, port, weight, type, tag });
  }
  for (const { address, port, ruleId: own } of listener.targets) {
    if (own === ruleId && !kept.has(`${address}|${port}`)) unbind.push({ listenerId, ruleId, address, port });
  }
}

/** The changes of several listeners as one: each kind becomes one task of the balancer. */
export function mergeChanges(all: readonly TargetChanges[]): TargetChanges {
  return {
    weights: all.flatMap(({ weights }) => weights),
    unbind: all.flatMap(({ unbind }) => unbind),
    bind: all.flatMap(({ bind }) => bind),
  };
}
