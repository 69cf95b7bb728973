import { type CustomWeightGuess, firstGuess } from './targets/custom-weight.ts';
import type { TargetChanges } from './targets/plan-changes.ts';
import type { Weights } from './targets/weights.ts';

/** Ways in which the controller is wrong about pods, or may be otherwise than guessed; changeable at any time, by default it is right. */
export interface ControllerFaults {
  /** Backends of pods that are gone stay bound, with the weight that they had. */
  keepsGone: boolean;
  /** podIndexes are taken for places counted from 0 in a StatefulSet whose ordinals begin at this number. */
  countsFrom: number;
  /** The undocumented parts of custom-weight. */
  readonly customWeight: CustomWeightGuess;
}

export const noFaults = (): ControllerFaults => ({ keepsGone: false, countsFrom: 0, customWeight: firstGuess() });

/** The weights as this controller reads them. */
export const misread = (weights: Weights, { countsFrom }: ControllerFaults): Weights => ({
  ...weights,
  weightOf: (protocol, port, statefulSet, ordinal) =>
    weights.weightOf(protocol, port, statefulSet, ordinal - countsFrom),
});

/** Without the unbinding that is forgotten; what is unbound to be bound anew still is. */
export function forgetGone(changes: TargetChanges, { keepsGone }: ControllerFaults): TargetChanges {
  if (!keepsGone) return changes;
  const anew = new Set(changes.bind.map(placeOf));
  return { ...changes, unbind: changes.unbind.filter((each) => anew.has(placeOf(each))) };
}

const placeOf = ({ listenerId, address, port }: { listenerId: string; address: string; port: number }): string =>
  `${listenerId} ${address}:${port}`;
