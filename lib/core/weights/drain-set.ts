/**
 * The algebra of the drain set: the ordinals of one StatefulSet that a weight annotation holds at 0.
 * Laws: draining is idempotent; drain(A) then drain(B) = drain(A ∪ B); restore(drain(x)) = x in meaning and, untouched by
 * others, in text; unknown fields, other StatefulSets' entries and other weights survive every step.
 * A canary is a drained ordinal that holds a small weight instead of 0: holding at 0 is draining, and restore ends both.
 */
import { intersection, ordinalSet, without } from '../target/ordinals.ts';
import {
  DEFAULT_WEIGHT,
  type Group,
  keyText,
  type PortKey,
  type RsWeight,
  readRsWeight,
  type StatefulSetEntry,
  serialiseRsWeight,
  type WeightEntry,
} from './rs-weight.ts';
import { isBare, sameMeaning, structuredCloneJson } from './rs-weight-meaning.ts';

function groupOf(document: RsWeight | undefined, key: PortKey): Group | undefined {
  return document?.groups?.find((group) => keyText(group.key) === keyText(key));
}

function entryOf(document: RsWeight | undefined, key: PortKey, name: string): StatefulSetEntry | undefined {
  return groupOf(document, key)?.statefulSets?.find((entry) => entry.name === name);
}

/** The weight that the annotation wants for one ordinal on one port; no annotation: the load balancer's default. */
export function wantedWeight(document: RsWeight | undefined, key: PortKey, name: string, ordinal: number): number {
  const named = entryOf(document, key, name)?.weights?.find((entry) => entry.podIndexes.includes(ordinal));
  return named?.weight ?? document?.defaultWeight ?? DEFAULT_WEIGHT;
}

/** The ordinals held at 0 by name on one port. A defaultWeight of 0 does not count: it names no ordinal. */
export function zerosOn(document: RsWeight | undefined, key: PortKey, name: string): number[] {
  const zeros = (entryOf(document, key, name)?.weights ?? []).filter((entry) => entry.weight === 0);
  return ordinalSet(zeros.flatMap((entry) => entry.podIndexes));
}

/** The ports on which the annotation says anything of the StatefulSet, those that the Service no longer has too. */
export const keysNaming = (document: RsWeight | undefined, name: string): PortKey[] =>
  (document?.groups ?? []).flatMap(({ key, statefulSets }) =>
    statefulSets?.some((entry) => entry.name === name) ? [{ proto: key.proto, port: key.port }] : [],
  );

/** The ordinals that are to be at 0, port by port. */
export type Zeros = (key: PortKey) => readonly number[];

/** The annotation under which exactly `zeros` are at 0 on the ports of `keys`; every other ordinal is as in `document`, or if it was 0 there as in `former`, or at the default. */
export function withZeros(
  document: RsWeight | undefined,
  keys: readonly PortKey[],
  name: string,
  zeros: Zeros,
  former?: RsWeight,
): RsWeight {
  const next: RsWeight = structuredCloneJson(document ?? { defaultWeight: DEFAULT_WEIGHT, groups: [] });
  for (const key of keys) {
    const entry = entryOf(next, key, name);
    const atZero = ordinalSet(zeros(key));
    if (entry === undefined && atZero.length === 0) continue;
    // One that somebody else has left empty stays as it is.
    if (entry?.weights?.length === 0 && atZero.length === 0) continue;
    const target = entry ?? addEntry(next, key, name);
    target.weights = editWeights(target.weights ?? [], atZero, entryOf(former, key, name)?.weights ?? []);
    if (target.weights.length === 0) dropEmpty(next, key, name, former);
  }
  return next;
}

/** The weights that canaries hold, by ordinal. */
export type Canaries = ReadonlyMap<number, number>;

/** The document with these ordinals at these weights on every port of `keys`; no other ordinal changes. Each ordinal stands in one entry only. */
export function withWeights(
  document: RsWeight | undefined,
  keys: readonly PortKey[],
  name: string,
  weights: Canaries,
): RsWeight {
  const next: RsWeight = structuredCloneJson(document ?? { defaultWeight: DEFAULT_WEIGHT, groups: [] });
  if (weights.size === 0) return next;
  for (const key of keys) {
    const target = entryOf(next, key, name) ?? addEntry(next, key, name);
    const edited = (target.weights ?? []).map((entry) => ({
      ...entry,
      podIndexes: entry.podIndexes.filter((ordinal) => !weights.has(ordinal)),
    }));
    for (const [ordinal, weight] of weights) addOrdinals(edited, weight, [ordinal]);
    target.weights = edited.filter((entry) => entry.podIndexes.length > 0);
  }
  return next;
}

/** The canaries that still hold the recorded weight on every port. A weight that somebody else has changed is theirs from then on. */
export function canariesHeld(
  document: RsWeight | undefined,
  keys: readonly PortKey[],
  name: string,
  recorded: Canaries,
): Canaries {
  return new Map(
    [...recorded].filter(([ordinal, weight]) =>
      keys.every((key) => wantedWeight(document, key, name, ordinal) === weight),
    ),
  );
}

/** Moves the drained ordinals to one weight-0 entry, and gives those that leave it the weight that `former` names. */
function editWeights(
  weights: WeightEntry[],
  drainSet: readonly number[],
  former: readonly WeightEntry[],
): WeightEntry[] {
  const zeros = weights.filter((entry) => entry.weight === 0).flatMap((entry) => entry.podIndexes);
  const released = without(zeros, drainSet);
  const edited = weights.map((entry) =>
    entry.weight === 0
      ? { ...entry, podIndexes: [] as number[] }
      : { ...entry, podIndexes: entry.podIndexes.filter((ordinal) => !drainSet.includes(ordinal)) },
  );
  for (const before of former) {
    const back = before.weight === 0 ? [] : before.podIndexes.filter((ordinal) => released.includes(ordinal));
    if (back.length > 0) addOrdinals(edited, before.weight, back);
  }
  addOrdinals(edited, 0, drainSet);
  return edited.filter((entry) => entry.podIndexes.length > 0);
}

function addOrdinals(weights: WeightEntry[], weight: number, ordinals: readonly number[]): void {
  const entry = weights.find((candidate) => candidate.weight === weight);
  if (entry === undefined) weights.push({ weight, podIndexes: ordinalSet(ordinals) });
  else entry.podIndexes = ordinalSet([...entry.podIndexes, ...ordinals]);
}

function addEntry(document: RsWeight, key: PortKey, name: string): StatefulSetEntry {
  let group = groupOf(document, key);
  if (group === undefined) {
    group = { key: { proto: key.proto, port: key.port }, statefulSets: [] };
    document.groups = [...(document.groups ?? []), group];
  }
  const entry: StatefulSetEntry = { name, weights: [] };
  group.statefulSets = [...(group.statefulSets ?? []), entry];
  return entry;
}

/** Removes an entry, and its group, that has become empty, unless it stood there before the first drain. */
function dropEmpty(document: RsWeight, key: PortKey, name: string, former: RsWeight | undefined): void {
  const group = groupOf(document, key);
  const entry = entryOf(document, key, name);
  if (group === undefined || entry === undefined) return;
  if (entryOf(former, key, name) === undefined && Object.keys(entry).length === 2) {
    group.statefulSets = (group.statefulSets ?? []).filter((candidate) => candidate !== entry);
  }
  const ours = groupOf(former, key) === undefined && Object.keys(group).length === 2;
  if (ours && group.statefulSets?.length === 0)
    document.groups = (document.groups ?? []).filter((candidate) => candidate !== group);
}

/** The annotation's text, and what it says. */
export interface AnnotationState {
  text: string;
  document: RsWeight;
}

export interface AnnotationChange {
  /** The annotation now; undefined: the Service has none. */
  current: AnnotationState | undefined;
  /** The annotation before the first drain: undefined: nothing is recorded; null: there was none. */
  former: AnnotationState | null | undefined;
  keys: readonly PortKey[];
  statefulSet: string;
  /** The ordinals to be at 0 afterwards; on `keys` none other of this StatefulSet will be. */
  zeros: Zeros;
  /** Canaries: the weights that we recorded for them, and those that they are to hold afterwards; absent: none. `ports`: those of `keys` that the Service has, and canaries are on. */
  canaries?: { recorded: Canaries; wanted: Canaries; ports: readonly PortKey[] };
}

/**
 * The annotation's text with exactly `zeros` at 0; null: no annotation at all.
 * When nobody else has touched it since the first drain, going back gives the former text byte for byte.
 */
export function annotationText(change: AnnotationChange): string | null {
  const { canaries, current, keys, statefulSet } = change;
  if (canaries === undefined || canaries.recorded.size + canaries.wanted.size === 0) return drainedText(change);
  const { ports } = canaries;
  const held = canariesHeld(current?.document, ports, statefulSet, canaries.recorded);
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
  const nobody = keys.every((key) => zeros(key).length === 0);
  const before = former === undefined ? undefined : afterRelease(former, keys, statefulSet, zeros);
  if (former !== undefined && before !== undefined && isUntouched(now, former?.document, keys, statefulSet)) {
    const next = withZeros(before?.document, keys, statefulSet, zeros, before?.document);
    return sameMeaning(next, before?.document) ? (before?.text ?? null) : serialiseRsWeight(next);
  }
  if (now === undefined && nobody) return null;
  const next = withZeros(now, keys, statefulSet, zeros, before?.document);
  const isSame = current !== undefined && sameMeaning(next, now);
  // Without a record an empty annotation is not of our making.
  if (isSame && former === undefined) return current.text;
  if (nobody && isBare(next) && (before ?? null) === null) return null;
  return isSame ? current.text : serialiseRsWeight(next);
}

/**
 * What there is to go back to. An ordinal that was at 0 even before our first drain (drained by hand) and is given back
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
