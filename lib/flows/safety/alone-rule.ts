/** Asks the person at the terminal before the only pod behind a Service is drained. */

import { NotStartedError, type Refusal } from '../../core/errors.ts';
import type { Facts } from '../../core/facts/facts.ts';
import type { DrainIntent } from '../../core/intent/intent.ts';
import { aloneRefusals, aloneText, leftAlone } from '../../core/safety/alone.ts';
import { way } from '../../core/values/way.ts';
import type { World } from '../../ports.ts';

/**
 * Comes last of all rules: a person is not asked about a drain that `others` refuse anyway.
 * Keeps the person's answers over the rounds of one write. `answered`: the person has just agreed, after minutes perhaps. Every
 * other rule was judged before the question, so that the caller judges all of them again on fresh facts, without a question then.
 */
export type AloneRule = (
  facts: Facts,
  drainSet: readonly number[],
  others: readonly Refusal[],
) => Promise<Refusal[] | 'answered'>;

/**
 * Refuses for each Service whose only pod would be drained, unless --allow-alone names it or the person says yes. Throws
 * NotStartedError for every other answer. Where there is no terminal the question is not asked, and the rule stands.
 */
export function aloneRule(world: World, intent: Pick<DrainIntent, 'allowAlone' | 'dryRun'>): AloneRule {
  const agreed = new Set(intent.allowAlone);
  return async (facts, drainSet, others) => {
    if (others.length > 0) return aloneRefusals(facts, drainSet, intent.allowAlone);
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
    return 'answered';
  };
}

/** Runs the round again after each answer: pods may have died, or a colleague may have paused, while the question was open. */
export async function untilUnasked<T>(round: () => Promise<T | 'answered'>): Promise<T> {
  for (;;) {
    const done = await round();
    if (done !== 'answered') return done;
  }
}
