/**
 * The algebra of the drain set: the ordinals of one StatefulSet that a weight annotation holds at 0.
 * Laws: draining is idempotent; drain(A) then drain(B) = drain(A ∪ B); restore(drain(x)) = x in meaning and, untouched by
 * others, in text; unknown fields, other StatefulSets' entries and other weights survive every step.
 * A canary is a drained ordinal that holds a small weight instead of 0: holding at 0 is draining, and restore ends both.
 */
import { ordinalSet, without } from '../target/ordinals.ts';
import {
  DEFAULT_WEIGHT,
  keyText,
  type PortKey,
  type RsWeight,
  type StatefulSetEntry,
  type WeightEntry,
  type WeightGroup,
} from './rs-weight.ts';
import { structuredCloneJson } from './rs-weight-meaning.ts';

function groupOf(document: RsWeight | undefined, key: PortKey): WeightGroup | undefined {
  return document?.groups?.find((group) => keyText(group.key) === keyText(key));
}

function entryOf(document: RsWeight | undefined, key: PortKey, name: string): StatefulSetEntry | undefined {
  return groupOf(document, key)?.statefulSets?.find((entry) => entry.name === name);
}

/** The weight that the annotation wants for one ordinal on one port; no annotation: the load balancer's default. */
export const wantedWeight = (document: RsWeight | undefined, key: PortKey, name: string, ordinal: number): number =>
  wantedWeights(document, key, name)(ordinal);

/** As `wantedWeight`, for many ordinals of one port. */
export function wantedWeights(document: RsWeight | undefined, key: PortKey, name: string): (ordinal: number) => number {
  const weights = entryOf(document, key, name)?.weights ?? [];
  const other = document?.defaultWeight ?? DEFAULT_WEIGHT;
  return (ordinal) => weights.find((entry) => entry.podIndexes.includes(ordinal))?.weight ?? other;
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
    // One that another writer has left empty stays as it is.
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
    target.weights = withoutEmptied(edited, target.weights ?? []);
  }
  return next;
}

/** The canaries that still hold the kept weight on every port. A weight that another writer has changed belongs to that writer from then on. */
export function canariesHeld(
  document: RsWeight | undefined,
  keys: readonly PortKey[],
  name: string,
  kept: Canaries,
): Canaries {
  return new Map(
    [...kept].filter(([ordinal, weight]) => keys.every((key) => wantedWeight(document, key, name, ordinal) === weight)),
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
  return withoutEmptied(edited, weights);
}

/** Without the entries that have lost their ordinals; one that had none before is another writer's and stays. `edited` begins with those of `before`, in their order. */
const withoutEmptied = (edited: readonly WeightEntry[], before: readonly WeightEntry[]): WeightEntry[] =>
  edited.filter(({ podIndexes }, at) => podIndexes.length > 0 || before[at]?.podIndexes.length === 0);

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
