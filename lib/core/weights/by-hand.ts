/** Weights of 0 that another writer, or a person, has asked for: what stood before our first drain, and what no record of ours explains. */

import { intersection } from '../target/ordinals.ts';
import type { AnnotationState } from './annotation-text.ts';
import { zerosOn } from './drain-set.ts';
import type { PortKey } from './rs-weight.ts';

/** The weights of one Service, now and before our first drain (undefined: no drain of ours is kept), and the ports that they are of. */
interface Kept {
  current: AnnotationState | undefined;
  former: AnnotationState | null | undefined;
  keys: readonly PortKey[];
}

/** On one port: the ordinals at 0 that are not ours to give back. */
export function zerosByHand({ current, former }: Kept, key: PortKey, statefulSet: string): number[] {
  const zeros = zerosOn(current?.document, key, statefulSet);
  return former === undefined ? zeros : intersection(zeros, zerosOn(former?.document, key, statefulSet));
}

/** Of the drain set, the ordinals that hold no 0 of ours on any port of any Service. */
export const drainedByHand = (services: readonly Kept[], drainSet: readonly number[], statefulSet: string): number[] =>
  drainSet.filter((ordinal) =>
    services.every((weights) =>
      weights.keys.every(
        (key) =>
          !zerosOn(weights.current?.document, key, statefulSet).includes(ordinal) ||
          zerosByHand(weights, key, statefulSet).includes(ordinal),
      ),
    ),
  );
