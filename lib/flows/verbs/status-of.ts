/** status of several StatefulSets: those named, or those that a label selector finds. */

import { ExitCode, UsageError } from '../../core/errors.ts';
import type { StatusIntent } from '../../core/intent/intent.ts';
import type { Outcome } from '../../core/outcome/outcome.ts';
import type { StatusDetails, StatusOfMany } from '../../core/status/status-view.ts';
import { advice, kubectl, lines } from '../../core/values/command.ts';
import { STATEFUL_SETS } from '../../ports/resources.ts';
import type { World } from '../../ports.ts';
import { status } from './status.ts';

export interface StatusOfIntent extends Omit<StatusIntent, 'name'> {
  names: readonly string[];
  /** Instead of names: every StatefulSet with these labels. */
  selector?: string;
}

/** One name gives the outcome of `status` itself. Throws UsageError when the selector finds nothing. */
export async function statusOf(world: World, intent: StatusOfIntent): Promise<Outcome<StatusDetails | StatusOfMany>> {
  const { selector, names: named, ...rest } = intent;
  const names = selector === undefined ? named : await namesOf(world, selector);
  const [only] = names;
  if (only !== undefined && names.length === 1 && selector === undefined) return status(world, { ...rest, name: only });
  const outcomes = await Promise.all(names.map((name) => status(world, { ...rest, name })));
  const targets = outcomes.map(({ details, target }) => ({ name: target.name, ...details }));
  const notes = targets.flatMap(({ name, notes }) => notes.map((note) => advice`note: ${name}: ${note}`));
  const said = outcomes.map(({ target, message = '' }) => advice`${target.name}: ${message}`);
  return {
    verb: 'status',
    target: { namespace: world.kube.namespace, name: names.join(',') },
    dryRun: 'none',
    exitCode: ExitCode.done,
    changed: false,
    results: [],
    refusals: outcomes.flatMap(({ refusals }) => refusals),
    next: [],
    details: { targets },
    message: lines(...notes, ...said),
  };
}

/** The StatefulSets with these labels, by name. Throws UsageError when there is none. */
export async function namesOf(world: World, selector: string): Promise<string[]> {
  const { items } = await world.kube.list(STATEFUL_SETS, { labelSelector: selector, signal: world.signal });
  if (items.length > 0) return items.map(({ metadata }) => metadata.name).sort();
  throw new UsageError(
    `no StatefulSet of namespace ${world.kube.namespace} has the labels ${JSON.stringify(selector)}`,
    kubectl('get', 'statefulsets', '--show-labels', '-n', world.kube.namespace),
  );
}
