/** check of several targets: those named, those that a label selector finds, or all that load balancers send to. */

import type { AskedAccess } from '../../core/check/check-facts.ts';
import { arranged, type CheckDetails, type CheckedTarget, type CheckOfMany, fail } from '../../core/check/findings.ts';
import { ExitCode, type ZerolossError } from '../../core/errors.ts';
import type { CheckIntent } from '../../core/intent/intent.ts';
import { type Differing, placeFlags } from '../../core/intent/target-place.ts';
import type { Outcome } from '../../core/outcome/outcome.ts';
import { own, withFlags } from '../../core/values/command.ts';
import type { World } from '../../ports.ts';
import { askAccess } from '../check/ask-access.ts';
import { auditDeployment } from '../rollout/audit-deployment.ts';
import type { Completing } from '../target/each-target.ts';
import type { FoundTarget } from '../target/find-targets.ts';
import { aloneIn, lookAtSeveral, type SeveralIntent, someNamed } from '../target/look-at-several.ts';
import { check } from './check.ts';

export interface CheckOfIntent extends Omit<CheckIntent, 'name'>, SeveralIntent {}

/** Commands to go on with are no help beyond a few. */
const NEXT = 5;

/**
 * One name gives the outcome of `check` itself. Of several each is checked, independent of the others, and the exit
 * code is the worst of theirs. Throws UsageError when nothing is found.
 */
export async function checkOf(
  world: World,
  intent: CheckOfIntent,
  complete: Completing<CheckOfIntent> = async (world) => ({ world, intent }),
): Promise<Outcome<CheckDetails | CheckOfMany>> {
  const { selector: _selector, everywhere: _everywhere, targets: named, eachMs: _eachMs, ...rest } = intent;
  const only = aloneIn(world, named);
  if (only !== undefined)
    return only.kind === 'deployment'
      ? auditDeployment(world, { ...rest, name: only.name })
      : check(world, { ...rest, name: only.name });
  const asking = askingOnce();
  const { asked, called, details, differ, outcome, unreached } = await lookAtSeveral<{ data: CheckedTarget }>(
    world,
    intent,
    {
      deployments: true,
      look: async (target, differ) => ({
        data: placed(await checkOne(target, rest, complete, asking(target)), target, differ),
      }),
      failed: (target, error, differ) => ({ data: placed(notChecked(target, error), target, differ) }),
    },
  );
  const { targets } = details;
  const failed = [
    ...targets.filter(({ exitCode }) => exitCode !== ExitCode.done).map(called),
    ...unreached.map(({ context, message }) => `context ${context} (${message})`),
  ];
  const well = targets.filter(({ exitCode, kind }) => exitCode === ExitCode.done && kind === undefined);
  return {
    verb: 'check',
    ...outcome,
    refusals: [],
    message:
      failed.length === 0
        ? `${targets.length} checked, none failed`
        : `${failed.length} of ${asked} failed: ${someNamed(failed)}`,
    next: well.length > NEXT ? [] : well.map((each) => withFlags(own('plan', each.name), placeFlags(each, differ))),
    details: { version: 1, ...details },
  };
}

/** The permissions of the caller are asked for once in each namespace, and only where a StatefulSet is checked. */
function askingOnce(): (target: FoundTarget) => Promise<AskedAccess[]> | undefined {
  const asked = new Map<string, Promise<AskedAccess[]>>();
  return ({ kind, place, world }) => {
    if (kind !== undefined) return undefined;
    const key = JSON.stringify([place.context, place.namespace]);
    const asking = asked.get(key) ?? askAccess(world);
    asked.set(key, asking);
    return asking;
  };
}

async function checkOne(
  { name, kind, world, place }: FoundTarget,
  rest: Omit<CheckOfIntent, 'targets'>,
  complete: Completing<CheckOfIntent>,
  asking: Promise<AskedAccess[]> | undefined,
): Promise<CheckedTarget> {
  asking?.catch(() => undefined);
  if (kind !== undefined) return { name, ...place, ...checked(await auditDeployment(world, { ...rest, name })) };
  const own = await complete(world, name);
  const { defaults } = own;
  const outcome = await check(own.world, { ...own.intent, name }, asking);
  return { name, ...place, ...(defaults && { defaults }), ...checked(outcome) };
}

const checked = ({ details, exitCode, message }: Outcome<CheckDetails>) => ({
  exitCode,
  message: String(message ?? ''),
  ...details,
});

/** Reports a target that does not exist, or cannot be looked at, among the others. */
function notChecked({ name, kind, place }: FoundTarget, error: ZerolossError): CheckedTarget {
  const why = fail('workload', 'not-checked', error.message, error.advice);
  const { exitCode } = error;
  return { name, ...place, exitCode, message: 'not checked', ...(kind && { kind }), ...arranged([why]) };
}

/** With cures that lead to where it is. */
const placed = (target: CheckedTarget, { place }: FoundTarget, differ: Differing): CheckedTarget => ({
  ...target,
  findings: target.findings.map((finding) =>
    finding.cure === undefined ? finding : { ...finding, cure: withFlags(finding.cure, placeFlags(place, differ)) },
  ),
});
