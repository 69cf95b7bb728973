/** check of several StatefulSets: those named, or those that a label selector finds. */

import { arranged, type CheckDetails, type CheckedTarget, type CheckOfMany, fail } from '../../core/check/findings.ts';
import { ExitCode, ZerolossError } from '../../core/errors.ts';
import type { CheckIntent } from '../../core/intent/intent.ts';
import type { Outcome } from '../../core/outcome/outcome.ts';
import { own } from '../../core/values/command.ts';
import type { World } from '../../ports.ts';
import { askAccess } from '../check/ask-access.ts';
import { check } from './check.ts';
import { namesOf } from './status-of.ts';

export interface CheckOfIntent extends Omit<CheckIntent, 'name'> {
  names: readonly string[];
  /** Instead of names: every StatefulSet with these labels. */
  selector?: string;
}

/** What could not be checked at all is worse than what failed. */
const WORST_FIRST = [ExitCode.error, ExitCode.refused] as const;

/**
 * One name gives the outcome of `check` itself. Of several each is checked, whatever comes of the others, and the exit
 * code is the worst of theirs. Throws UsageError when the selector finds nothing.
 */
export async function checkOf(world: World, intent: CheckOfIntent): Promise<Outcome<CheckDetails | CheckOfMany>> {
  const { selector, names: named, ...rest } = intent;
  const names = selector === undefined ? named : await namesOf(world, selector);
  const [only] = names;
  if (only !== undefined && names.length === 1 && selector === undefined) return check(world, { ...rest, name: only });
  // All are of one namespace, so what the caller may do there is asked once.
  const asking = askAccess(world);
  const targets: CheckedTarget[] = [];
  // One after the other: each asks the cloud for everything, and the cloud counts requests per second.
  for (const name of names) targets.push(await checkOne(world, { ...rest, name }, asking));
  const well = targets.filter(({ exitCode }) => exitCode === ExitCode.done).map(({ name }) => name);
  const failed = names.filter((name) => !well.includes(name));
  return {
    verb: 'check',
    target: { namespace: world.kube.namespace, name: names.join(',') },
    dryRun: 'none',
    exitCode: WORST_FIRST.find((code) => targets.some(({ exitCode }) => exitCode === code)) ?? ExitCode.done,
    changed: false,
    results: [],
    refusals: [],
    message:
      failed.length === 0
        ? `${names.length} checked, none failed`
        : `${failed.length} of ${names.length} failed: ${failed.join(', ')}`,
    next: well.map((name) => own('plan', name)),
    details: { version: 1, targets },
  };
}

/** Reports a StatefulSet that does not exist among the others, and continues. */
async function checkOne(
  world: World,
  intent: CheckIntent,
  asking: ReturnType<typeof askAccess>,
): Promise<CheckedTarget> {
  const { name } = intent;
  try {
    const { details, exitCode, message } = await check(world, intent, asking);
    return { name, exitCode, message: String(message ?? ''), ...details };
  } catch (error) {
    world.signal.throwIfAborted();
    if (!(error instanceof ZerolossError)) throw error;
    const message = 'not checked';
    const why = fail('workload', 'not-checked', error.message, error.advice);
    return { name, exitCode: ExitCode.error, message, ...arranged([why]) };
  }
}
