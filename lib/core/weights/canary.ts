/** Canary weights: how they are written on the command line, and how they are kept on the Service. */
import { UsageError } from '../errors.ts';
import { isOutdated, type PodFacts } from '../target/pod.ts';
import type { StatefulSetFacts } from '../target/stateful-set-facts.ts';
import { BOOKKEEPING_FORMAT, formatWithin, readsFormat } from '../values/bookkeeping-format.ts';
import { type Canaries, wantedWeight } from './drain-set.ts';
import { DEFAULT_WEIGHT, type PortKey, type RsWeight } from './rs-weight.ts';

const MAX_WEIGHT = 100;
const ACCEPTED = 'accepted by --weight: rising whole numbers from 1 to 100, for example 1,5,10';

/** Reads `1,5,10`. Throws UsageError for 0 (that is `drain`), for what is no number, and for steps that do not rise. */
export function parseCanaryWeights(text: string): readonly number[] {
  const weights = text.split(',').map((part) => (/^[1-9]\d{0,2}$/.test(part.trim()) ? Number(part) : Number.NaN));
  if (weights.some((weight) => !(weight <= MAX_WEIGHT)))
    throw new UsageError(`${JSON.stringify(text)} are not canary weights`, ACCEPTED);
  if (weights.some((weight, index) => index > 0 && weight <= (weights[index - 1] ?? 0)))
    throw new UsageError(`canary weights "${text}" do not rise from step to step`, ACCEPTED);
  return weights;
}

/**
 * Reads our annotation; empty when there is none. A damaged one is empty too: its ordinals then count as weighted by hand. So
 * is one of an unknown format, which no verb overwrites (formatRefusals).
 */
export function readCanaries(text: string | undefined): Canaries {
  if (!readsFormat(formatWithin(text))) return new Map();
  let value: unknown;
  try {
    value = JSON.parse(text ?? '{}');
  } catch {
    return new Map();
  }
  if (typeof value !== 'object' || value === null) return new Map();
  return new Map(
    Object.entries(value)
      .map(([ordinal, weight]): [number, unknown] => [Number(ordinal), weight])
      .filter((pair): pair is [number, number] => Number.isInteger(pair[0]) && Number.isInteger(pair[1])),
  );
}

/** The annotation's text, with its format; null when there is no canary. */
export function canariesText(canaries: Canaries): string | null {
  return canaries.size === 0 ? null : JSON.stringify({ ...Object.fromEntries(canaries), format: BOOKKEEPING_FORMAT });
}

/**
 * Canaries whose weight the batch gives them back: a pod that is outdated by now is none, and is drained in its turn like every
 * other outdated pod.
 */
export const canariesOfBatch = ({
  canaries,
  pods,
  set,
}: {
  canaries: ReadonlyMap<number, unknown>;
  pods: readonly PodFacts[];
  set: StatefulSetFacts;
}): number[] =>
  [...canaries.keys()].filter((ordinal) => !pods.some((pod) => pod.ordinal === ordinal && isOutdated(pod, set)));

export const canariesWithout = (canaries: Canaries, ordinals: readonly number[]): Canaries =>
  new Map([...canaries].filter(([ordinal]) => !ordinals.includes(ordinal)));

/** The weight that an ordinal has when nothing holds it back; one that was drained by hand before us gets the default. */
export function formerWeight(document: RsWeight | undefined, key: PortKey, name: string, ordinal: number): number {
  return wantedWeight(document, key, name, ordinal) || (document?.defaultWeight ?? DEFAULT_WEIGHT);
}
