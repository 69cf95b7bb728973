/** The memory of the window from one look to the next, beside the cluster's state. */

import type { RefusedError } from '../../core/errors.ts';
import type { Facts } from '../../core/facts/facts.ts';
import type { AloneRule } from '../safety/alone-rule.ts';
import type { Run } from '../upgrade/run.ts';

export interface WindowState {
  run: Run;
  /** As many as the last look allows: a share follows the replicas. */
  maxUnavailable: number;
  deferred: Set<number>;
  /** How many more pods may be begun before the person is asked again. */
  allowance: number;
  /** By `ordinal place`: since when the pod stands there; a pause does not count. */
  since: Map<string, number>;
  /** When the last look was. */
  lookedAtMs: number;
  /** Since when the upgrade is paused. */
  pausedAtMs?: number | undefined;
  /** Ordinals at weight 0 that this run drained, or took over from an earlier one, and has not given back. */
  taken?: Set<number>;
  /** The facts of the look before. */
  seenBefore?: Facts;
  /** Ordinals at zero whose deletion has to wait, and when it is tried again, by the world's clock. */
  undeleted: Map<number, number>;
  /** Why the last drain was held back. */
  held?: RefusedError | undefined;
  /** Why a gate failed: nothing is drained from then on. */
  gateFailed?: string | undefined;
  conflicts: number;
  /** Keeps the answers for the whole of the window. */
  alone: AloneRule;
}
