/** A drain as the next command: the one that the floor allows as things are, so that no advice is refused where it is typed. */
import type { PodBinding } from '../facts/backends.ts';
import type { Facts } from '../facts/facts.ts';
import type { MinServing } from '../intent/intent.ts';
import { DEFAULT_PREFIX } from '../intent/workload-defaults.ts';
import { formatOrdinals, union, without } from '../target/ordinals.ts';
import { surplusOrdinals } from '../target/surplus.ts';
import { type CommandAdvice, own } from '../values/command.ts';
import { parseMinServing } from './floor.ts';
import { floorRefusals, leastServing } from './floor-check.ts';

/** The facts that the floor is judged by: the backends as the load balancer shows them, and the minimum of the budgets. */
export interface SeenServing {
  bindings: readonly PodBinding[];
  budget: number | undefined;
}

/**
 * `drain` of all these ordinals where the floor allows it, or where it is not known (`seen` undefined). Else of as many as it
 * allows; `plan`, which shows the refusals, where that is none. A surplus goes as a whole: its pods are scaled away together,
 * so that one after the other is no way, and its drain names `--min-serving` with what keeps serving.
 */
export function advisedDrain(facts: Facts, ordinals: readonly number[], seen: SeenServing | undefined): CommandAdvice {
  const { name } = facts.set;
  const drain = (some: readonly number[], ...more: string[]) => own('drain', name, formatOrdinals(some), ...more);
  if (seen === undefined || isAllowed(facts, ordinals, seen)) return drain(ordinals);
  if (without(ordinals, surplusOrdinals(facts.set)).length === 0) {
    const serving = leastServing(facts, seen.bindings, union(facts.drainSet, ordinals), stayingOf(facts, ordinals));
    if (serving > 0)
      return drain(ordinals, '--min-serving', String(serving)).note(
        `lowers the floor, which counts the surplus: ${serving} keep serving on each listener`,
      );
  } else {
    const most = ordinals.findLastIndex((_, index) => isAllowed(facts, ordinals.slice(0, index + 1), seen)) + 1;
    if (most > 0) return drain(ordinals.slice(0, most)).note('as many at a time as the floor allows');
  }
  return own('plan', name).note('shows what would refuse a drain');
}

/** Their weights are back, or about to be shown so. */
const stayingOf = ({ pods, drainSet }: Facts, ordinals: readonly number[]): number[] =>
  without(
    pods.map((pod) => pod.ordinal),
    union(drainSet, ordinals),
  );

const isAllowed = (facts: Facts, ordinals: readonly number[], { bindings, budget }: SeenServing): boolean =>
  floorRefusals(
    facts,
    bindings,
    union(facts.drainSet, ordinals),
    { asked: ownFloor(facts.set), budget },
    stayingOf(facts, ordinals),
  ).length === 0;

/** The workload's own default, which a drain without the flag keeps too. One that cannot be read is refused by name before any floor. */
function ownFloor({ annotations }: Facts['set']): MinServing | undefined {
  const text = annotations[`${DEFAULT_PREFIX}min-serving`];
  if (text === undefined) return undefined;
  try {
    return { ...parseMinServing(text), raises: true };
  } catch {
    return undefined;
  }
}
