/**
 * The order of care of the values that a workload may bring. Laws: every value is as careful as itself; what is as careful as
 * one that is as careful as a third is as careful as the third; but for sources, of two values one is as careful as the other.
 */
import { DEFAULT_MIN_SERVING, floorOf, isNoFloor } from '../safety/floor.ts';
import { parseDuration } from '../values/duration.ts';
import { type MaxUnavailable, windowSizeOf } from '../window/size.ts';
import type { MinServing } from './intent.ts';
import type { DefaultName } from './workload-defaults.ts';

/** The values of the defaults, as their flags read them. */
export interface DefaultValues {
  /** Milliseconds. */
  'stable-for': number;
  'min-serving': MinServing;
  batch: number;
  'max-unavailable': MaxUnavailable;
  source: readonly string[];
  /** A gauge of the pods. */
  metric: unknown;
}

/** How long every source must read zero, where no one asks for more; as `--stable-for` takes it. */
export const STABLE_FOR = '30s';

/** The built-in defaults, but for the sources, which depend on the flags. */
export const BUILT_IN = {
  'stable-for': parseDuration(STABLE_FOR, 'stable-for'),
  'min-serving': DEFAULT_MIN_SERVING,
  batch: 1,
  'max-unavailable': { kind: 'count', count: 1 },
  metric: undefined,
} satisfies Omit<DefaultValues, 'source'>;

type Order = {
  [Name in DefaultName]: (value: DefaultValues[Name], than: DefaultValues[Name], replicas: number) => boolean;
};

const ORDER: Order = {
  'stable-for': (value, than) => value >= than,
  // 0 asks for no floor at all, whatever the number of replicas.
  'min-serving': (value, than, replicas) =>
    isNoFloor(than) || (!isNoFloor(value) && floorOf(value, replicas) >= floorOf(than, replicas)),
  batch: (value, than) => value <= than,
  'max-unavailable': (value, than, replicas) => windowSizeOf(value, replicas) <= windowSizeOf(than, replicas),
  // Every source that counts must read zero: one more is more care, and another one in its place is not the same.
  source: (value, than) => than.every((name) => value.includes(name)),
  // A gauge is one more source that must read zero.
  metric: () => true,
};

/** Whether `value` asks for as much care as `than`, or more, with that many replicas. */
export const isAsCareful = <Name extends DefaultName>(
  name: Name,
  value: DefaultValues[Name],
  than: DefaultValues[Name],
  replicas: number,
): boolean => ORDER[name](value, than, replicas);
