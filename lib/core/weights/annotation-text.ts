/** The text that the weight annotation gets by a step of draining or giving back: the former one, byte for byte, where no other writer has touched it. */
import { intersection, ordinalSet } from '../target/ordinals.ts';
import { type Canaries, canariesHeld, withWeights, withZeros, type Zeros, zerosOn } from './drain-set.ts';
import { keyText, type PortKey, type RsWeight, readRsWeight, serialiseRsWeight } from './rs-weight.ts';
import { isBare, sameMeaning } from './rs-weight-meaning.ts';

/** The annotation's text, and what it says. */
export interface AnnotationState {
  text: string;
  document: RsWeight;
}

export interface AnnotationChange {
  /** The annotation now; undefined: the Service has none. */
  current: AnnotationState | undefined;
  /** The annotation before the first drain: undefined: nothing is kept; null: there was none. */
  former: AnnotationState | null | undefined;
  keys: readonly PortKey[];
  statefulSet: string;
  /** The ordinals to be at 0 afterwards; on `keys` none other of this StatefulSet will be. */
  zeros: Zeros;
  /** Canaries: the weights that we kept for them, and those that they are to hold afterwards; absent: none. `ports`: those of `keys` that the Service has, and canaries are on. */
  canaries?: { kept: Canaries; wanted: Canaries; ports: readonly PortKey[] };
}

/**
 * The annotation's text with exactly `zeros` at 0; null: no annotation at all.
 * If no other writer has touched it since the first drain, going back gives the former text byte for byte.
 */
export function annotationText(change: AnnotationChange): string | null {
  const { canaries, current, keys, statefulSet } = change;
  if (canaries === undefined || canaries.kept.size + canaries.wanted.size === 0) return drainedText(change);
  const { ports } = canaries;
  const held = canariesHeld(current?.document, ports, statefulSet, canaries.kept);
  const atZero = ordinalSet(keys.flatMap(change.zeros));
  const wanted = new Map([...canaries.wanted].filter(([ordinal]) => !atZero.includes(ordinal)));
  // The canaries go back to 0 first, so that all of the algebra of draining holds for them, and to their new weight last.
  const drained = new Map([...held.keys()].map((ordinal) => [ordinal, 0]));
  const document = current === undefined ? undefined : withWeights(current.document, ports, statefulSet, drained);
  const text = drainedText({
    ...change,
    current: document === undefined || held.size === 0 ? current : { document, text: serialiseRsWeight(document) },
    zeros: (key) => [
      ...change.zeros(key),
      ...(ports.some((port) => keyText(port) === keyText(key)) ? wanted.keys() : []),
    ],
  });
  if (wanted.size === 0 || text === null) return text;
  const next = withWeights(readRsWeight(text), ports, statefulSet, wanted);
  return current !== undefined && sameMeaning(next, current.document) ? current.text : serialiseRsWeight(next);
}

function drainedText({ current, former, keys, statefulSet, zeros }: AnnotationChange): string | null {
  const now = current?.document;
  const noZeros = keys.every((key) => zeros(key).length === 0);
  const before = former === undefined ? undefined : afterRelease(former, keys, statefulSet, zeros);
  if (former !== undefined && before !== undefined && isUntouched(now, former?.document, keys, statefulSet)) {
    const next = withZeros(before?.document, keys, statefulSet, zeros, before?.document);
    return sameMeaning(next, before?.document) ? (before?.text ?? null) : serialiseRsWeight(next);
  }
  if (now === undefined && noZeros) return null;
  const next = withZeros(now, keys, statefulSet, zeros, before?.document);
  const isSame = current !== undefined && sameMeaning(next, now);
  // Without bookkeeping an empty annotation is not of our making.
  if (isSame && former === undefined) return current.text;
  if (noZeros && isBare(next) && (before ?? null) === null) return null;
  return isSame ? current.text : serialiseRsWeight(next);
}

/**
 * The weights to go back to. An ordinal that was at 0 even before our first drain (drained by hand) and is given back
 * since, stays given back: going back never takes weight from anybody.
 */
function afterRelease(
  former: AnnotationState | null,
  keys: readonly PortKey[],
  name: string,
  zeros: Zeros,
): AnnotationState | null {
  if (former === null) return null;
  const left: Zeros = (key) => intersection(zerosOn(former.document, key, name), zeros(key));
  if (keys.every((key) => left(key).length === zerosOn(former.document, key, name).length)) return former;
  const document = withZeros(former.document, keys, name, left);
  return isBare(document) ? null : { document, text: serialiseRsWeight(document) };
}

/** Whether the annotation is what our own drains alone would have made of the former one. */
function isUntouched(
  now: RsWeight | undefined,
  former: RsWeight | undefined,
  keys: readonly PortKey[],
  name: string,
): boolean {
  if (keys.length === 0) return false;
  const drained = withZeros(former, keys, name, (key) => zerosOn(now, key, name));
  return sameMeaning(drained, now ?? withZeros(undefined, keys, name, () => []));
}
