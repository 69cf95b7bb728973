/** The state of one run of upgrade, beside the cluster's. */
import type { UpgradeIntent } from '../../core/intent/intent.ts';
import type { ObjectResult, Outcome } from '../../core/outcome/outcome.ts';
import { ordinalOf } from '../../core/target/ordinals.ts';
import type { World } from '../../ports.ts';
import type { BatchProgress } from './batch-progress.ts';
import type { BelievedState } from './foreign-changes.ts';

export interface Run {
  world: World;
  intent: UpgradeIntent;
  results: ObjectResult[];
  /** UIDs that were observed for the whole soak by this run. */
  soaked: Set<string>;
  /** Ordinals that the person at the terminal has agreed to replace. */
  agreed: Set<number>;
  /** The question before the first write has been answered with yes. */
  answered?: boolean;
  /** Everything that is judged once before the first write has been judged, on facts from after the answer. */
  begun?: boolean;
  /** Set with the first step. */
  progress?: BatchProgress;
  /** As the step before left the target. */
  known?: BelievedState;
}

/** Keeps what a step has changed, and shows it at once. */
export function keep({ world, intent, results, progress }: Run, part: Pick<Outcome, 'results'>): void {
  for (const result of part.results.filter(({ changed }) => changed)) {
    results.push(result);
    world.done?.(result);
    const ordinal = isDeletion(result) ? ordinalOf(result.object.slice('pod/'.length), intent.name) : undefined;
    if (ordinal !== undefined) progress?.replaced(ordinal);
  }
}

/** `deleted`: a pause, or an error, came before the replacement. */
const isDeletion = ({ object, action }: ObjectResult): boolean =>
  object.startsWith('pod/') && (action === 'recreated' || action === 'deleted');
