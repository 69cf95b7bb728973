/** plan of several StatefulSets: those named, those that a label selector finds, or all that load balancers send to. Reads only. */

import type { Refusal } from '../../core/errors.ts';
import type { PlanIntent } from '../../core/intent/intent.ts';
import { type Differing, placedName, placeFlags } from '../../core/intent/target-place.ts';
import type { Outcome } from '../../core/outcome/outcome.ts';
import { isPlanned, type PlannedOne, type PlannedTarget, type PlanOfMany } from '../../core/plan/plan-of-many.ts';
import type { UpgradePlan } from '../../core/plan/upgrade-plan.ts';
import { advice, withFlags } from '../../core/values/command.ts';
import { overriding } from '../../ports/overriding.ts';
import type { World } from '../../ports.ts';
import type { Completing } from '../target/each-target.ts';
import type { FoundTarget } from '../target/find-targets.ts';
import { aloneIn, lookAtSeveral, notLookedAt, type SetsIntent, someNamed } from '../target/look-at-several.ts';
import { plan } from './plan.ts';

export interface PlanOfIntent extends Omit<PlanIntent, 'name'>, SetsIntent {}

/**
 * One name gives the outcome of `plan` itself. Of several each is planned, independent of the others, and the exit code
 * is the worst of theirs. Throws UsageError when nothing is found.
 */
export async function planOf(
  world: World,
  intent: PlanOfIntent,
  complete: Completing<PlanOfIntent> = async (world) => ({ world, intent }),
): Promise<Outcome<UpgradePlan | PlanOfMany>> {
  const only = aloneIn(world, intent.names);
  if (only !== undefined) return plan(world, wishFor(only, intent));
  const asked = { ...intent, targets: intent.names.map((name) => ({ name })) };
  const several = await lookAtSeveral<{ data: PlannedTarget }>(world, asked, {
    deployments: false,
    look: async (target, differ) => ({ data: await planOne(target, complete, differ, intent.eachMs ?? 0) }),
    failed: ({ name, place }, { exitCode, message }) => ({
      data: { name, ...place, exitCode, refusals: [], error: message },
    }),
  });
  const { called, details, outcome } = several;
  const { targets } = details;
  const refused = targets.filter(({ refusals }) => refusals.length > 0);
  const unchecked = targets.filter((each) => isPlanned(each) && isNotChecked(each));
  return {
    verb: 'plan',
    ...outcome,
    refusals: targets.flatMap((each) =>
      each.refusals.map((refusal) => ({ ...refusal, message: `${called(each)}: ${refusal.message}` })),
    ),
    next: [],
    details: { version: 1, ...details },
    message: [
      ...notLookedAt(several, 'planned'),
      plannedText(targets.filter(isPlanned).length, refused.map(called), unchecked.map(called)),
    ].join('\n'),
  };
}

/** A rule that was not checked is no rule that holds. */
const isNotChecked = ({ refusals, notChecked }: PlannedOne): boolean =>
  refusals.length === 0 && notChecked !== undefined;

function plannedText(count: number, refused: readonly string[], unchecked: readonly string[]): string {
  const rest = count - unchecked.length;
  return [
    `${count} planned`,
    ...(refused.length === 0 ? [] : [`right now ${refused.length} of them would be refused: ${someNamed(refused)}`]),
    ...(unchecked.length === 0
      ? []
      : [
          `whether ${unchecked.length} of them would be refused is unknown, their rules are not all checked: ${someNamed(unchecked)}`,
        ]),
    ...(refused.length > 0 || rest === 0
      ? []
      : [`right now none of ${unchecked.length === 0 ? 'them' : 'the others'} would be refused`]),
  ].join('; ');
}

/** The wish of one. */
const wishFor = (name: string, intent: PlanOfIntent): PlanIntent => {
  const { selector: _selector, everywhere: _everywhere, names: _names, eachMs: _eachMs, ...wish } = intent;
  return { ...wish, name };
};

/** Warnings name the target, and cures lead to where it is. */
async function planOne(
  { name, place, world }: FoundTarget,
  complete: Completing<PlanOfIntent>,
  differ: Differing,
  timeoutMs: number,
): Promise<PlannedTarget> {
  const { report } = world;
  const called = placedName(name, place, differ);
  const warn: typeof report.warn = (line) => report.warn(advice`${called}: ${line}`);
  const own = await complete(overriding(world, { report: overriding(report, { warn }) }), name);
  const { defaults, foreseen = [] } = own;
  const { details, exitCode, refusals } = await plan(own.world, { ...wishFor(name, own.intent), timeoutMs });
  const placed = ({ cure, ...refusal }: Refusal): Refusal =>
    cure === undefined ? refusal : { ...refusal, cure: withFlags(cure, placeFlags(place, differ)) };
  return {
    ...details,
    ...{ name, ...place, exitCode },
    ...(defaults && { defaults }),
    refusals: [...foreseen, ...refusals].map(placed),
  };
}
