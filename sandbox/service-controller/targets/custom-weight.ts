/**
 * A weight of a pod's own (annotation custom-weight of TKE's service-controller, 2.4.0 and newer). Whether it goes before
 * lb-rs-weight, whether a change of it is seen while the pod is bound, and whether it may be 0, is not documented: each is a
 * guess that can be turned round.
 */
import type { KubeObject } from '../../../lib/ports.ts';
import { Annotation } from '../annotations.ts';

export interface CustomWeightGuess {
  /** The winner where both name a weight: the pod, or the Service whose lb-rs-weight names its ordinal. */
  wins: 'pod' | 'service';
  /** Whether a change is seen; else the pod keeps what it had when it was first bound. */
  live: boolean;
  /** Whether 0 is taken; else it counts as no weight at all. */
  zero: boolean;
}

/** The sandbox's assumptions; a test can change them. */
export const firstGuess = (): CustomWeightGuess => ({ wins: 'pod', live: true, zero: true });

/** Reads the annotation of pods, and remembers what each began with. */
export class CustomWeights {
  readonly #guess: CustomWeightGuess;
  readonly #first = new Map<string, string | undefined>();

  /** `guess` may change at any time. */
  constructor(guess: CustomWeightGuess) {
    this.#guess = guess;
  }

  /** A whole number from 0 to 100, or undefined: the pod has none that counts. */
  of({ metadata: { uid = '', annotations } }: KubeObject): number | undefined {
    const now = annotations?.[Annotation.customWeight];
    if (!this.#first.has(uid)) this.#first.set(uid, now);
    const weight = Number((this.#guess.live ? now : this.#first.get(uid)) ?? Number.NaN);
    return Number.isInteger(weight) && weight >= (this.#guess.zero ? 0 : 1) && weight <= 100 ? weight : undefined;
  }

  /** The weight of a pod on a port: its own and the one that the Service names for it, or the default. */
  choose(pod: KubeObject, named: number | undefined, defaultWeight: number): number {
    const own = this.of(pod);
    return (this.#guess.wins === 'pod' ? (own ?? named) : (named ?? own)) ?? defaultWeight;
  }
}
