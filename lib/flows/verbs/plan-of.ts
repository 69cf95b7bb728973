/** plan of several StatefulSets: those named, those that a label selector finds, or all that load balancers send to. Reads only. */

import { some } from '../../core/check/findings.ts';
import type { Refusal } from '../../core/errors.ts';
import type { PlanIntent } from '../../core/intent/intent.ts';
import { type Asked, type Differing, differing, placedName, placeFlags } from '../../core/intent/target-place.ts';
import type { Outcome } from '../../core/outcome/outcome.ts';
import { isPlanned, type PlannedTarget, type PlanOfMany } from '../../core/plan/plan-of-many.ts';
import type { UpgradePlan } from '../../core/plan/upgrade-plan.ts';
import { advice, withFlags } from '../../core/values/command.ts';
import { overriding } from '../../ports/overriding.ts';
import type { World } from '../../ports.ts';
import { type Completing, eachTarget, worstOf } from '../target/each-target.ts';
import { type FoundTarget, findTargets, unreachedData } from '../target/find-targets.ts';
import { plan } from './plan.ts';

export interface PlanOfIntent extends Omit<PlanIntent, 'name'>, Omit<Asked, 'targets'> {
  names: readonly string[];
  /** How long each of several may take, 0 for no limit; absent: no limit. */
  eachMs?: number;
}

/** The names that a message gives. */
const NAMED = 10;

/**
 * One name gives the outcome of `plan` itself. Of several each is planned, independent of the others, and the exit code
 * is the worst of theirs. Throws UsageError when nothing is found.
 */
export async function planOf(
  world: World,
  intent: PlanOfIntent,
  complete: Completing<PlanOfIntent> = async (world) => ({ world, intent }),
): Promise<Outcome<UpgradePlan | PlanOfMany>> {
  const { names, eachMs = 0 } = intent;
  const [only] = names;
  if (only !== undefined && names.length === 1 && world.clusters === undefined)
    return plan(world, wishFor(only, intent));
  const asked = { ...intent, targets: names.map((name) => ({ name })) };
  const { found, unreached } = await findTargets(world, asked, { deployments: false });
  const differ = differing(
    found.map(({ place }) => place),
    unreached,
  );
  const targets = await eachTarget(
    world,
    found,
    eachMs,
    (target) => planOne(target, complete, { differ, timeoutMs: eachMs }),
    ({ name, place }, error): PlannedTarget => ({
      ...{ name, ...place, exitCode: error.exitCode, refusals: [] },
      error: error.message,
    }),
  );
  const called = (target: PlannedTarget) => placedName(target.name, target, differ);
  const failed = [
    ...targets.flatMap((each) => (isPlanned(each) ? [] : [`${called(each)}: ${each.error}`])),
    ...unreached.map(({ context, error }) => `context ${context}: ${error.message}`),
  ];
  const codes = [...targets.map(({ exitCode }) => exitCode), ...unreached.map(({ error }) => error.exitCode)];
  return {
    verb: 'plan',
    target: { namespace: world.kube.namespace, name: found.map(({ name }) => name).join(',') },
    dryRun: 'none',
    exitCode: worstOf(codes),
    changed: false,
    results: [],
    refusals: targets.flatMap((each) =>
      each.refusals.map((refusal) => ({ ...refusal, message: `${called(each)}: ${refusal.message}` })),
    ),
    next: [],
    details: { version: 1, targets, ...(unreached.length > 0 ? { unreached: unreached.map(unreachedData) } : {}) },
    message: [
      ...(failed.length === 0 ? [] : [`${failed.length} of ${codes.length} cannot be planned: ${some(failed, NAMED)}`]),
      plannedText(targets.filter(isPlanned).length, targets.filter(({ refusals }) => refusals.length > 0).map(called)),
    ].join('\n'),
  };
}

const plannedText = (count: number, refused: readonly string[]): string =>
  refused.length === 0
    ? `${count} planned; right now none of them would be refused`
    : `${count} planned; right now ${refused.length} of them would be refused: ${some(refused, NAMED)}`;

/** The wish of one. */
const wishFor = (name: string, intent: PlanOfIntent): PlanIntent => {
  const { selector: _selector, everywhere: _everywhere, names: _names, eachMs: _eachMs, ...wish } = intent;
  return { ...wish, name };
};

/** Warnings name the target, and cures lead to where it is. */
async function planOne(
  { name, place, world }: FoundTarget,
  complete: Completing<PlanOfIntent>,
  { differ, timeoutMs }: { differ: Differing; timeoutMs: number },
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
