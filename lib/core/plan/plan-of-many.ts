/** The plans of several StatefulSets, as plain JSON but for the cures of their refusals. */
import type { Refusal } from '../errors.ts';
import type { TargetPlace } from '../intent/target-place.ts';
import type { DefaultTexts } from '../intent/workload-defaults.ts';
import type { UpgradePlan } from './upgrade-plan.ts';

/** The details when several are planned. */
export interface PlanOfMany {
  /** Raised when the meaning of a field changes. */
  version: 1;
  targets: readonly PlannedTarget[];
  /** Contexts in which nothing could be looked for; absent: none. */
  unreached?: readonly { context: string; message: string }[];
}

/** One of several: its plan, or the reason why it has none. */
export type PlannedTarget = PlannedOne | NotPlanned;

interface OneOfMany extends TargetPlace {
  name: string;
  /** The exit code of planning this one alone. */
  exitCode: number;
  /** Those that its steps would meet now. */
  refusals: readonly Refusal[];
}

export interface PlannedOne extends OneOfMany, Omit<UpgradePlan, 'context'> {
  /** The workload's own defaults that the plan uses; absent: it uses none. */
  defaults?: DefaultTexts;
}

interface NotPlanned extends OneOfMany {
  error: string;
}

export const isPlanned = (target: PlannedTarget): target is PlannedOne => !('error' in target);
