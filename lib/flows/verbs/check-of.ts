/** check of several targets: those named, or the StatefulSets that a label selector finds. */

import { arranged, type CheckDetails, type CheckedTarget, type CheckOfMany, fail } from '../../core/check/findings.ts';
import { ExitCode, ZerolossError } from '../../core/errors.ts';
import type { CheckIntent } from '../../core/intent/intent.ts';
import type { Outcome } from '../../core/outcome/outcome.ts';
import type { CheckTarget } from '../../core/target/target.ts';
import { own } from '../../core/values/command.ts';
import type { World } from '../../ports.ts';
import { askAccess } from '../check/ask-access.ts';
import { auditDeployment } from '../rollout/audit-deployment.ts';
import { check } from './check.ts';
import { namesOf } from './status-of.ts';

export interface CheckOfIntent extends Omit<CheckIntent, 'name'> {
  targets: readonly CheckTarget[];
  /** Instead of names: every StatefulSet with these labels. */
  selector?: string;
}

/** A check that could not run is worse than one that failed. */
const WORST_FIRST = [ExitCode.error, ExitCode.refused] as const;

/**
 * One name gives the outcome of `check` itself. Of several each is checked, independent of the others, and the exit
 * code is the worst of theirs. Throws UsageError when the selector finds nothing.
 */
export async function checkOf(world: World, intent: CheckOfIntent): Promise<Outcome<CheckDetails | CheckOfMany>> {
  const { selector, targets: named, ...rest } = intent;
  const asked =
    selector === undefined ? named : (await namesOf(world, selector)).map((name): CheckTarget => ({ name }));
  const [only] = asked;
  if (only !== undefined && asked.length === 1 && selector === undefined)
    return only.kind === 'deployment'
      ? auditDeployment(world, { ...rest, name: only.name })
      : check(world, { ...rest, name: only.name });
  // All are of one namespace, so what the caller may do there is asked once.
  const asking = asked.some(({ kind }) => kind === undefined) ? askAccess(world) : undefined;
  const targets: CheckedTarget[] = [];
  // One after the other: each asks the cloud for everything, and the cloud counts requests per second.
  for (const target of asked) targets.push(await checkOne(world, { ...rest, name: target.name }, target, asking));
  const names = asked.map(nameOf);
  const well = targets.filter(({ exitCode }) => exitCode === ExitCode.done);
  const failed = targets.filter(({ exitCode }) => exitCode !== ExitCode.done).map(nameOf);
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
    next: well.flatMap(({ name, kind }) => (kind === undefined ? [own('plan', name)] : [])),
    details: { version: 1, targets },
  };
}

/** As it is typed. */
const nameOf = ({ kind, name }: CheckTarget): string => (kind === undefined ? name : `${kind}/${name}`);

/** Reports a StatefulSet that does not exist among the others, and continues. */
async function checkOne(
  world: World,
  intent: CheckIntent,
  { kind }: CheckTarget,
  asking: ReturnType<typeof askAccess> | undefined,
): Promise<CheckedTarget> {
  const { name } = intent;
  try {
    const { details, exitCode, message } =
      kind === undefined ? await check(world, intent, asking) : await auditDeployment(world, intent);
    return { name, exitCode, message: String(message ?? ''), ...details };
  } catch (error) {
    world.signal.throwIfAborted();
    if (!(error instanceof ZerolossError)) throw error;
    const message = 'not checked';
    const why = fail('workload', 'not-checked', error.message, error.advice);
    return { name, exitCode: ExitCode.error, message, ...(kind === undefined ? {} : { kind }), ...arranged([why]) };
  }
}
