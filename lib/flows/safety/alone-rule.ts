/** Asks the person at the terminal before the only pod behind a Service is drained. */

import { NotStartedError, type Refusal } from '../../core/errors.ts';
import type { Facts } from '../../core/facts/facts.ts';
import type { DrainIntent } from '../../core/intent/intent.ts';
import { aloneRefusals, aloneText, leftAlone } from '../../core/safety/alone.ts';
import { way } from '../../core/values/way.ts';
import type { World } from '../../ports.ts';

/** Keeps what the person has agreed to, over the tries of one write. */
export type AloneRule = (facts: Facts, drainSet: readonly number[]) => Promise<Refusal[]>;

/**
 * Refuses for each Service whose only pod would be drained, unless --allow-alone names it or the person says yes. Throws
 * NotStartedError for every other answer. Where there is no terminal the question is not asked, and the rule stands.
 */
export function aloneRule(world: World, intent: Pick<DrainIntent, 'allowAlone' | 'dryRun'>): AloneRule {
  const agreed = new Set(intent.allowAlone);
  return async (facts, drainSet) => {
    const refusals = aloneRefusals(facts, drainSet, [...agreed]);
    if (refusals.length === 0 || world.confirm === undefined || intent.dryRun !== 'none') return refusals;
    const left = leftAlone(facts, drainSet).filter(({ service }) => !agreed.has(service.name));
    const lines = left.map((weights) => aloneText(facts, weights));
    if (!(await world.confirm(`${lines.join('; ')}. Drain anyway?`)))
      throw new NotStartedError(
        way(
          'on',
          `to drain it: the same command, answered with y; --allow-alone ${left.map(({ service }) => service.name).join(',')} does not ask`,
        ),
      );
    for (const { service } of left) agreed.add(service.name);
    return [];
  };
}
