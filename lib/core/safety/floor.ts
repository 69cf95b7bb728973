/**
 * The floor: the least number of serving backends that must stay when some are drained.
 * Law: no drain that the floor allows leaves fewer serving backends than the floor, on any listener.
 */

import { type Refusal, UsageError } from '../errors.ts';
import type { MinServing } from '../intent/intent.ts';
import { ordinalsText } from '../target/ordinals.ts';
import { own } from '../values/command.ts';

/** Half of the replicas. */
export const DEFAULT_MIN_SERVING: MinServing = { kind: 'percent', percent: 50 };

/** The two wishes that set the floor. */
export interface FloorWish {
  /** --min-serving. */
  asked: MinServing | undefined;
  /** Pods that PodDisruptionBudgets want healthy. */
  budget: number | undefined;
}

/**
 * The floor as a number of backends: the operator's own number, any value; else half of the replicas, or more where
 * a budget wants more. A smaller budget was written for evictions; it does not permit draining more pods. A number that
 * `raises` is the workload's own default, and never lowers that.
 */
export function floorFor({ asked, budget }: FloorWish, replicas: number): number {
  const usual = Math.max(floorOf(DEFAULT_MIN_SERVING, replicas), budget ?? 0);
  if (asked === undefined) return usual;
  return asked.raises === true ? Math.max(usual, floorOf(asked, replicas)) : floorOf(asked, replicas);
}

/** The same for a Service that selects some of the pods alone: a number above all of them applies to the other Services. */
export const floorAmong = ({ asked, budget }: FloorWish, selected: number): number =>
  floorFor(
    {
      asked: asked?.kind === 'count' && asked.count > selected ? undefined : asked,
      budget: budget === undefined || budget > selected ? undefined : budget,
    },
    selected,
  );

/** Reads `6` or `50%`. Throws UsageError for anything else; `0` and `0%` are accepted and mean: no floor. */
export function parseMinServing(text: string): MinServing {
  const match = /^(\d{1,6})(%?)$/.exec(text.trim());
  const amount = Number(match?.[1]);
  if (match?.[2] === '%' && amount > 100) {
    throw new UsageError(
      `"${text}" is not a floor: it is more than all of the replicas`,
      'accepted by --min-serving: a share from 0% to 100%, or a number of backends (6)',
    );
  }
  if (match === null) {
    throw new UsageError(
      `"${text}" is not a floor`,
      'accepted by --min-serving: a number of backends (6) or a share of the replicas (50%)',
    );
  }
  return match[2] === '%' ? { kind: 'percent', percent: amount } : { kind: 'count', count: amount };
}

/** As parseMinServing reads it. */
export const formatMinServing = (minServing: MinServing): string =>
  minServing.kind === 'count' ? String(minServing.count) : `${minServing.percent}%`;

/** The floor as a number of backends; a share is rounded up, as a PodDisruptionBudget rounds minAvailable. */
export function floorOf(minServing: MinServing, replicas: number): number {
  return minServing.kind === 'count' ? minServing.count : Math.ceil((replicas * minServing.percent) / 100);
}

/** Whether the operator asked for no floor by name: `--min-serving 0` or `0%`. */
export const isNoFloor = (minServing: MinServing | undefined): boolean =>
  minServing !== undefined && (minServing.kind === 'count' ? minServing.count : minServing.percent) === 0;

export interface FloorCase {
  /** The Service and port in front of the backends, for people: `service/nginx TCP/80`. */
  where: string;
  /** The ordinals that would serve there after the drain. */
  serving: readonly number[];
  /** Those that serve there now and would not afterwards. */
  leaving: readonly number[];
  floor: number;
}

const FLOOR_PRICE = 'lowers the floor: the backends that are left carry all traffic';

/** `at most 5 at a time (ordinals 0-4)`. */
const allowedText = (leaving: readonly number[], most: number): string =>
  most > 0 ? `at most ${most} at a time (${ordinalsText(leaving.slice(0, most))})` : 'none may be drained now';

/** The override is the floor that would hold everywhere. */
export function belowFloor(cases: readonly FloorCase[]): Refusal[] {
  const below = cases.filter(({ serving, floor }) => serving.length < floor);
  const least = Math.min(...below.map(({ serving }) => serving.length));
  return below.map(({ where, serving, leaving, floor }) => ({
    rule: 'floor',
    message: `${where}: only ${serving.length} backend${serving.length === 1 ? '' : 's'} would keep serving${serving.length > 0 ? ` (${ordinalsText(serving)})` : ''}, the floor is ${floor}: ${allowedText(leaving, serving.length + leaving.length - floor)}`,
    override: `--min-serving ${least}`,
    price: FLOOR_PRICE,
  }));
}

/** Refuses a batch of `largest` that leaves fewer than the floor even when every other of `all` backends serves. */
export function neverAllowed(
  statefulSet: string,
  { all, floor, largest, windowed = false }: { all: number; floor: number; largest: number; windowed?: boolean },
): Refusal[] {
  const most = all - floor;
  if (largest <= Math.max(0, most) || largest === 0) return [];
  return [
    {
      rule: 'floor',
      message: `${largest} at a time would leave ${all - largest} of ${all} backends of statefulset/${statefulSet}, the floor is ${floor}: ${most > 0 ? `at most ${most} at a time` : 'none may be drained'}`,
      override: `--min-serving ${Math.max(0, all - largest)}`,
      price: FLOOR_PRICE,
      cure:
        most > 0
          ? own('plan', statefulSet, windowed ? '--max-unavailable' : '--batch', String(most)).note(
              windowed ? 'as many at a time as the floor allows' : 'in batches that the floor allows',
            )
          : own('plan', statefulSet, '--surge', String(Math.min(largest, 1 - most))).note(
              'adds replicas for the time of the upgrade',
            ),
    },
  ];
}
