/** The memory of the window from one look to the next, beside the cluster's state. */

import type { RefusedError, ZerolossError } from '../../core/errors.ts';
import type { Facts } from '../../core/facts/facts.ts';
import type { AloneRule } from '../safety/alone-rule.ts';
import type { Run } from '../upgrade/run.ts';

/** `error`: what refused to go on. Undefined: a gate failed, and the pods are to be looked at. */
export interface Stop {
  because: string;
  error?: ZerolossError | undefined;
}

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
  /** UIDs of updated pods that had their weight at the look before. */
  weighted: ReadonlySet<string>;
  /** Ordinals of the last drain that failed: some may be drained all the same, and the next look shows which. */
  tried: readonly number[];
  /** The facts of the look before. */
  seenBefore?: Facts;
  /** Ordinals at zero whose deletion has to wait, and when it is tried again, by the world's clock. */
  undeleted: Map<number, number>;
  /** UIDs of pods whose deletion has failed for good: it is not sent again. */
  undeletable: Set<string>;
  /** Why the last drain was held back. */
  held?: RefusedError | undefined;
  /** Why nothing is begun from now on. The pods that are out come to their end first; then the run ends with it. */
  stopped?: Stop | undefined;
  /** Ordinals of a drain that has to reach more Services or ports, and is refused: waiting does not bring them to zero. */
  stuck: ReadonlySet<number>;
  conflicts: number;
  /** Keeps the answers for the whole of the window. */
  alone: AloneRule;
}
